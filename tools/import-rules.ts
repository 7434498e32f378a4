/** An ImportRule is what the files of one folder (or one file) of src/ may import from the rest of src/. What is not listed is forbidden. */
export interface ImportRule {
  /** Folder or file under src/. */
  from: string
  may: readonly string[]
  /** Only as `import type`: nothing of it exists at run time. */
  mayTypes?: readonly string[]
}

const ADAPTER = ['kit', 'catalog', 'connections', 'engine', 'delivery']

/** Which folder may import which. A folder imports only from lower layers, so that it can be read without the layers above it. */
export const importRules: readonly ImportRule[] = [
  { from: 'kit', may: [] },
  { from: 'pipedrive', may: ['kit'] },
  { from: 'catalog', may: ['kit'], mayTypes: ['pipedrive'] },
  { from: 'store', may: ['kit'] },
  { from: 'connections', may: ['kit', 'pipedrive', 'store'] },
  { from: 'engine', may: ['kit', 'pipedrive', 'catalog', 'connections', 'store'] },
  { from: 'delivery', may: ['kit', 'pipedrive', 'catalog', 'connections', 'engine', 'store'] },
  { from: 'adapters/openapi', may: ADAPTER },
  { from: 'adapters/http', may: [...ADAPTER, 'adapters/openapi'] },
  { from: 'adapters/power-platform', may: [...ADAPTER, 'adapters/openapi'] },
  { from: 'adapters/mcp', may: ADAPTER },
  { from: 'adapters/cli', may: ADAPTER },
  { from: 'adapters/client', may: ADAPTER },
  { from: 'config', may: ['kit'], mayTypes: ['store'] },
  { from: 'doctor', may: ['config', 'kit', 'pipedrive', 'store'] },
  { from: 'main.ts', may: ['app.ts', 'adapters/cli', 'kit'] },
]

/** Files at the top of src/ that assemble the program; no folder may import them. */
export const roof: readonly string[] = ['app.ts', 'main.ts', 'sandbox.ts']

/** Files that put connector and sandbox together. Nothing else does: a belief about Pipedrive that both share would cancel out in every test. */
export const withSandbox: readonly string[] = ['src/app.ts', 'src/main.ts', 'src/sandbox.ts']

/** Folders beside src/ that are no part of the program. */
const OUTSIDE: readonly string[] = ['bench', 'dist', 'examples', 'generated', 'sandbox', 'src', 'test', 'tools']

export const folders: readonly string[] = importRules.map((rule) => rule.from).filter((name) => !name.endsWith('.ts'))

/** A Pattern is one entry of the linter's `no-restricted-imports`. Its regular expressions know no look-ahead: one that has it matches nothing. */
interface Pattern {
  regex: string
  message: string
  allowTypeImports?: boolean
}

/**
 * How an import of one of `names` is written from a file of `from`: `../../store/…`, below adapters/ also `../mcp/…` for a sibling.
 * The depth is not counted, so no folder inside a layer may be named like a layer; a test sees to that.
 */
function pathsTo(from: string, names: readonly string[]): string {
  const parent = from.slice(0, from.indexOf('/') + 1)
  const spellings = names.flatMap((name) => (parent && name.startsWith(parent) ? [name, name.slice(parent.length)] : [name]))
  const climb = from.endsWith('.ts') ? '^(?:\\.{1,2}/)+' : '^(?:\\./)*\\.\\./(?:\\.{1,2}/)*'
  return `${climb}(?:${spellings.map((name) => (name.endsWith('.ts') ? `${name.replace('.', '\\.')}$` : `${name}/`)).join('|')})`
}

export function restrictedImports({ from, may, mayTypes = [] }: ImportRule): Pattern[] {
  const targets = [...folders, ...roof].filter((name) => name !== from)
  const forbidden = targets.filter((name) => !may.includes(name) && !mayTypes.includes(name))
  const allowed = [...may, ...mayTypes].join(', ') || 'nothing of src/'
  const message = `${from} may import ${allowed} (tools/import-rules.ts).`
  return [
    { regex: pathsTo(from, [...forbidden, ...OUTSIDE]), message },
    ...(mayTypes.length > 0
      ? [{ regex: pathsTo(from, mayTypes), message: `${from} may import ${mayTypes.join(', ')} as types only.`, allowTypeImports: true }]
      : []),
    { regex: '[^./]/\\.\\./', message: 'Climb at the start of a path only, so that the import rules can read it.' },
    { regex: '^dealbridge(?:/|$)', message: 'Inside the package, import the file.' },
    ...(withSandbox.includes(`src/${from}`)
      ? []
      : [{ regex: '^@dealbridge/sandbox(?:/|$)', message: `Only ${withSandbox.join(', ')} may import the sandbox.` }]),
  ]
}

/** The sandbox is a separate package: it imports nothing of the connector. */
export const restrictedInSandbox: readonly Pattern[] = [
  {
    regex: '^(?:\\.{1,2}/)+(?:src|test|tools|bench|examples)/',
    message: 'The sandbox imports nothing from outside its folder (tools/import-rules.ts).',
  },
  { regex: '^@?dealbridge(?:/|$)', message: 'Inside the package, import the file.' },
]
