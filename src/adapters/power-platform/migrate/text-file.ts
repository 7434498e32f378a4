import { decodeText } from './edit.ts'
import { parseJsonText, type JsonNode } from './json-text.ts'

/** A TextFile is one text of an export; its JSON is parsed on first use. */
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
