import { findingsOf, type Finding } from './finding.ts'

const { ok, problem } = findingsOf('Node')

const numbers = (version: string): number[] =>
  version
    .replace(/^[^\d]*/, '')
    .split('.')
    .map(Number)

/** `version` as in process.versions.node; `engines` is a minimum version: `>=22.19.0`. */
export function checkNode(version: string, engines: string): Finding {
  const [have, want] = [numbers(version), numbers(engines)]
  const differs = want.findIndex((number, i) => number !== have[i])
  if (differs === -1 || have[differs]! > want[differs]!) return ok(version)
  return problem(
    `${version} is older than Dealbridge supports (${engines})`,
    `Install a newer Node; in a clone, \`npm ci\` installs the right one.`,
  )
}
