import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const LOCK = 'lock'

/** The locks of this process: after a restart in a container the new process can have the pid of the old one. */
const lockedPaths = new Set<string>()

/** The start time of a process, in clock ticks: it distinguishes two processes with the same pid. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The program name, in brackets, may contain spaces; the start time is the 20th word after it.
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

/** Creates the lock file with its owner, atomically, or returns the current owner. */
function create(path: string): string | undefined {
  const ownPath = `${path}.${process.pid}`
  try {
    writeFileSync(ownPath, `${process.pid} ${startOf(process.pid)}`.trim())
    linkSync(ownPath, path)
    return undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readFileSync(path, 'utf8')
  } finally {
    rmSync(ownPath, { force: true })
  }
}

/** Locks the folder for this process, or throws if another process has it. The lock of a dead process is replaced. Returns the function that unlocks. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK)
  const owner = create(path)
  if (owner !== undefined) {
    if (isLocked(path, owner))
      throw new Error(`${folder} is in use by another sandbox (process ${owner.split(' ')[0]}). Stop it, or choose another folder.`)
    // Two processes can find the same dead lock; if this one moved the other's new lock, it moves it back.
    const movedPath = `${path}.${process.pid}`
    renameSync(path, movedPath)
    const stolen = readFileSync(movedPath, 'utf8') !== owner
    if (stolen) renameSync(movedPath, path)
    else rmSync(movedPath)
    if (stolen || create(path) !== undefined) throw new Error(`${folder} was just locked by another sandbox. Choose another folder.`)
  }
  lockedPaths.add(path)
  return () => {
    if (lockedPaths.delete(path)) rmSync(path, { force: true })
  }
}
