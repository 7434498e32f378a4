import type { Secret } from '../kit/secret.ts'

const LONGEST = 300

/** A text from Pipedrive (or from a proxy) sanitized for a message: one short line without scripts and attributes, and without the key if the text echoes it. */
export function excerpt(text: string, key: Secret): string {
  const plain = withoutKey(text, key)
    // The excerpt of a page then begins with its title instead of boilerplate.
    .replace(/<!--[^]*?-->|<(script|style)\b[^]*?<\/\1>|<!doctype[^>]*>/gi, ' ')
    .replace(/<(\/?[a-z][a-z0-9]*)\b[^>]*>/gi, '<$1>')
    // oxlint-disable-next-line no-control-regex -- control characters would let a message forge log lines
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ')
    .trim()
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain
}

/** Runs before anything is truncated or stripped: half a key is a leak too. */
function withoutKey(text: string, key: Secret): string {
  const secret = key.reveal()
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)].reduce(
    (result, form) => replaceAllIgnoringCase(result, form),
    text,
  )
}

function replaceAllIgnoringCase(text: string, what: string): string {
  if (what === '') return text
  return text.replace(new RegExp(what.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'), '[key]')
}
