import { errorText } from './finding.ts'

/** A person waits for this. */
const ANSWER_WITHIN_MS = 5_000

/** A Probe is the answer of a page: its status and JSON body, or the reason why there was no answer. */
export type Probe = { status: number; body: Record<string, unknown> | undefined } | { silent: string }

/** Requests one page. Follows no redirect, as flows do. */
export async function probe(url: string): Promise<Probe> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    return { status: response.status, body: readObject(await response.text()) }
  } catch (error) {
    return { silent: errorText(error) }
  }
}

export function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** A string field of the JSON body. */
export function textIn(answer: Probe, name: string): string | undefined {
  const value = 'body' in answer ? answer.body?.[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** The version of the Dealbridge that answered; undefined if another program did. */
export const versionIn = (answer: Probe): string | undefined =>
  textIn(answer, 'name') === 'Dealbridge' ? textIn(answer, 'version') : undefined
