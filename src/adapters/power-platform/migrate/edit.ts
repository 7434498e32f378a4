/** An Edit is a place in a text, its new content, and the values before and after for the report. */
export interface Edit {
  start: number
  end: number
  text: string
  before: string
  after: string
}

/** The text with the edits applied; everything else stays unchanged. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = ''
  let done = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    if (edit.start < done) throw new Error('Two edits of a migration overlap. Please report this as a defect.')
    result += text.slice(done, edit.start) + edit.text
    done = edit.end
  }
  return result + text.slice(done)
}

/** The text of a file, with its byte order mark: encoded again, it is the same bytes. */
export function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new Error(`${name} is not UTF-8 text, which every export is. Save it as UTF-8.`, { cause: error })
  }
}
