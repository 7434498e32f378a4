/** Whether `version` (`22.3.0`) is at least the one in `engines` (`>=22.19.0`). */
export function isSupported(version: string, engines: string): boolean {
  const parts = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number)
  const [have, need] = [parts(version), parts(engines)]
  const at = need.findIndex((part, i) => (have[i] ?? 0) !== part)
  return at === -1 || (have[at] ?? 0) > need[at]!
}

/** Ends the process with 2 on a Node that is too old. */
export function refuseOldNode(program: string, engines: string): void {
  if (isSupported(process.versions.node, engines)) return
  process.stderr.write(
    `${program} needs Node.js ${engines.replace('>=', '')} or newer, and this is ${process.versions.node} (${process.execPath}). ` +
      `Install a newer one from https://nodejs.org, or put it first in PATH.\n`,
  )
  process.exit(2)
}
