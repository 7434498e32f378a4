import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { findingsOf, errorText, type Finding } from './finding.ts'

const { ok, warning, problem } = findingsOf('data folder')

/** What lies there: keys, the admin token, the embedded database. */
export async function checkFolder(folder: string): Promise<Finding> {
  const path = resolve(folder)
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) {
    if (found.code !== 'ENOENT') return problem(`${path} cannot be looked at: ${errorText(found)}`, 'Choose another folder with --data.')
    const parent = await firstThere(dirname(path))
    if (await isWritable(parent)) return ok(`${path} is not there yet; the first start makes it`)
    return problem(
      `${path} is not there, and this user cannot make it in ${parent}`,
      'Make it and give it to the user that runs the server, or choose another with --data.',
    )
  }
  if (!found.isDirectory()) return problem(`${path} is no folder`, 'Choose another with --data.')
  if (!(await isWritable(path)))
    return problem(
      `this user cannot write into ${path}`,
      'Run the doctor as the user that runs the server; if it is, give the folder to it: chown.',
    )
  // Windows has no such mode bits: there every folder looks open to all.
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
    return warning(`others than its owner can look into ${path}`, `Run: chmod 700 ${path}`)
  return ok(path)
}

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )

async function firstThere(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  return isThere || dirname(path) === path ? path : firstThere(dirname(path))
}
