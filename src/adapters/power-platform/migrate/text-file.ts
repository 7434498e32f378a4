import { decodeText } from './edit.ts'
import { parseJsonText, type JsonNode } from './json-text.ts'

/** A TextFile is one text of an export; its JSON is read when it is asked for. */
export interface TextFile {
  name: string
  text: string
  json(): JsonNode
}

export function textFile(name: string, bytes: Uint8Array): TextFile {
  const text = decodeText(bytes, name)
  let json: JsonNode | undefined
  return { name, text, json: () => (json ??= parseJsonText(text, name)) }
}
