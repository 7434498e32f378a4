import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { findingsOf, errorText, type Finding } from './finding.ts'

const { ok, warning, problem } = findingsOf('data folder')

/** The data folder holds the key file, the admin token and the embedded database. */
export async function checkFolder(folder: string): Promise<Finding> {
  const path = resolve(folder)
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) {
    if (found.code !== 'ENOENT') return problem(`${path} cannot be examined: ${errorText(found)}`, 'Choose another folder with --data.')
    const parent = await nearestExisting(dirname(path))
    if (await isWritable(parent)) return ok(`${path} does not exist yet; the first start creates it`)
    return problem(
      `${path} does not exist, and this user cannot create it in ${parent}`,
      'Create it for the user that runs the server (mkdir, chown), or choose another with --data.',
    )
  }
  if (!found.isDirectory()) return problem(`${path} is not a folder`, 'Choose another with --data.')
  if (!(await isWritable(path)))
    return problem(
      `this user cannot write into ${path}`,
      'Run the doctor as the user that runs the server; if you did, make that user the owner of the folder: chown.',
    )
  // Windows has no such mode bits: every folder would seem open to all.
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
    return warning(`users other than its owner can read ${path}`, `Run: chmod 700 ${path}`)
  return ok(path)
}

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )

async function nearestExisting(path: string): Promise<string> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  )
  return exists || dirname(path) === path ? path : nearestExisting(dirname(path))
}
