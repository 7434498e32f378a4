import { groups, type DefinitionName } from './requirements.ts'

const CALL = /\bverifies(?:\.(\w+))?\(\s*(\[[^\]]*\]|'[^']*'|.)/gs
const LITERAL = /'([^']*)'/g

/** The requirements that a test file verifies, read from its text: what vitest's workers would know of each other only after the run. */
export function verifiedIn(source: string): string[] {
  const code = source.replace(/\/\*.*?\*\//gs, '').replace(/^\s*\/\/.*$/gm, '')
  return [...code.matchAll(CALL)].flatMap(([call, group, first]) => {
    const literals = [...first!.matchAll(LITERAL)].map((match) => match[1]!)
    if (group === 'operations' || group === 'parameters' || group === 'errorCodes') return groups[group]()
    if (literals.length === 0) throw new Error(`${call}…: name the requirements as literals, so that the coverage test can read them`)
    return group === 'rows' ? literals.flatMap((name) => groups.rows(name as DefinitionName)) : literals
  })
}
