/** A FoundSecret is a secret in a text: its kind, and the masked text around it. */
export interface FoundSecret {
  kind: string
  /** As it stood there; only for comparing. */
  secret: string
  end: number
  around: string
}

/** What is a secret by its form, wherever it comes from. */
export const FORMS: Readonly<Record<string, RegExp>> = {
  'a Pipedrive key of the sandbox': /sandbox-(?:alice|bob|carol)(?![\w-])/,
  'a connection key': /dbk_[\w-]{43}(?![\w-])/,
  "an owner's token": /dbo_[\w-]{43}(?![\w-])/,
  'an admin token': /dba_[\w-]{43}(?![\w-])/,
  'a ring key': /(?<![\w+/-])[A-Za-z0-9+/]{43}=(?![=\w])/,
}
/** Every match of FORMS contains one of these. Most texts contain none, and a fixed text is found ten times faster. */
const HINTS = ['sandbox-', 'dbk_', 'dbo_', 'dba_', '=']
const NOTED = 'a secret that this test used'
/** What is shorter is a word, and words stand in answers. */
const NOTED_LENGTH = 12
/** A fuzzer invents thousands. */
const NOTED_MAX = 200
/** Longer than any secret of ours. */
export const LONGEST = 100
const AROUND = 60

/** A SecretSearch finds secrets by their form, and the secrets that were registered. */
export interface SecretSearch {
  /** A text that must not be seen from now on. */
  note(secret: string): void
  find(text: string): FoundSecret[]
}

export function createSecretSearch(): SecretSearch {
  const forms = Object.values(FORMS).map(({ source }) => source)
  const noted = new Set<string>()
  const compile = () => new RegExp([...forms, ...[...noted].map((secret) => secret.replaceAll(/[^\w]/g, '\\$&'))].join('|'), 'g')
  let pattern = compile()
  const kindOf = (secret: string) => Object.entries(FORMS).find(([, form]) => new RegExp(`^${form.source}$`).test(secret))?.[0] ?? NOTED
  const mask = (text: string) => text.replace(pattern, (secret) => `[${kindOf(secret)}]`)

  return {
    note(secret) {
      if (noted.size >= NOTED_MAX || secret.length < NOTED_LENGTH || /\s/.test(secret) || noted.has(secret)) return
      noted.add(secret)
      pattern = compile()
    },
    find(text) {
      if (![...HINTS, ...noted].some((hint) => text.includes(hint))) return []
      return Array.from(text.matchAll(pattern), ({ 0: secret, index }) => ({
        kind: kindOf(secret),
        secret,
        end: index + secret.length,
        around:
          mask(text.slice(Math.max(0, index - AROUND), index)) +
          `[${kindOf(secret)}]` +
          mask(text.slice(index + secret.length, index + secret.length + AROUND)),
      }))
    },
  }
}
