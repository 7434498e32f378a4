import { isSupported } from '../kit/node-version.ts'
import { findingsOf, type Finding } from './finding.ts'

const { ok, problem } = findingsOf('Node')

/** `version` as in process.versions.node; `engines` is a minimum version: `>=22.19.0`. */
export const checkNode = (version: string, engines: string): Finding =>
  isSupported(version, engines)
    ? ok(version)
    : problem(
        `${version} is older than Dealbridge supports (${engines})`,
        `Install a newer Node; in a clone, \`npm ci\` installs the right one.`,
      )
