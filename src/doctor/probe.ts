import { errorText } from './finding.ts'

/** A person waits for this. */
const ANSWER_WITHIN_MS = 5_000

/** A Probe is what a page of a server has answered: a status and, where it was JSON, its content; or why nothing came. */
export type Probe = { status: number; body: Record<string, unknown> | undefined } | { silent: string }

/** Asks for one page. Follows no redirect: flows do not, either. */
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

/** One text of the JSON that was answered. */
export function textIn(answer: Probe, name: string): string | undefined {
  const value = 'body' in answer ? answer.body?.[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** The version of the Dealbridge that answered; undefined when something else did. */
export const versionIn = (answer: Probe): string | undefined =>
  textIn(answer, 'name') === 'Dealbridge' ? textIn(answer, 'version') : undefined
