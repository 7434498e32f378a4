import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const LOCK = 'lock'

/** The folders that this process holds: after a restart in a container the new process may have the number of the dead one. */
const lockedPaths = new Set<string>()

/** When a process started, by the system's own count; a number that is in use again belongs to a process with another start. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, in brackets, may contain anything; the start is the 20th word after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function isLocked(path: string, owner: string): boolean {
  const [pid, start = ''] = owner.split(' ')
  if (Number(pid) === process.pid) return lockedPaths.has(path)
  return isAlive(Number(pid)) && (start === '' || startOf(Number(pid)) === start)
}

/** Creates the lock with its owner in it, at one stroke, or tells who has it. */
function create(path: string): string | undefined {
  const ownPath = `${path}.${process.pid}`
  writeFileSync(ownPath, `${process.pid} ${startOf(process.pid)}`.trim())
  try {
    linkSync(ownPath, path)
    return undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readFileSync(path, 'utf8')
  } finally {
    rmSync(ownPath)
  }
}

/** Makes the folder this process's own, or says whose it is. The lock of a process that is dead counts for nothing. The answer lets go of it. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK)
  const owner = create(path)
  if (owner !== undefined) {
    if (isLocked(path, owner))
      throw new Error(`${folder} is in use by another sandbox (process ${owner.split(' ')[0]}). Stop that one, or choose another folder.`)
    // Of two that find the same dead lock one may move away the new lock of the other: then it goes back.
    const movedPath = `${path}.${process.pid}`
    renameSync(path, movedPath)
    const stolen = readFileSync(movedPath, 'utf8') !== owner
    if (stolen) renameSync(movedPath, path)
    else rmSync(movedPath)
    if (stolen || create(path) !== undefined) throw new Error(`${folder} was just taken by another sandbox. Choose another folder.`)
  }
  lockedPaths.add(path)
  return () => {
    if (lockedPaths.delete(path)) rmSync(path, { force: true })
  }
}
