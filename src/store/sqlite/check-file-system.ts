import { statfsSync } from 'node:fs'
import type { Logger } from '../../kit/logger.ts'
import { StoreUnusable } from '../errors/store-unusable.ts'

/**
 * Network file systems by their Linux magic numbers (linux/magic.h and the drivers). Their locks are unreliable, and the index of the WAL must
 * be in memory that all readers share: https://www.sqlite.org/wal.html
 */
const REFUSED: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xfe534d42: 'SMB',
  0xff534d42: 'SMB (CIFS)',
  0x5346414f: 'AFS',
  0x00c36400: 'Ceph',
  0x0bd00bd0: 'Lustre',
  0x47504653: 'GPFS',
}
/** These may be local or remote. */
const DOUBTFUL: Readonly<Record<number, string>> = { 0x65735546: 'FUSE', 0x01021997: '9p' }

/** A FileSystemVerdict says whether a file system is unsuitable for a database; undefined if it is suitable. */
export type FileSystemVerdict = { is: 'refused' | 'doubtful'; name: string } | undefined

export function judgeFileSystem(type: number): FileSystemVerdict {
  const refused = REFUSED[type]
  if (refused) return { is: 'refused', name: refused }
  const doubtful = DOUBTFUL[type]
  return doubtful ? { is: 'doubtful', name: doubtful } : undefined
}

/** Throws StoreUnusable for a folder on a network file system; logs a warning if it may be on one. */
export function checkFileSystem(folder: string, logger: Logger): void {
  const verdict = judgeFileSystem(statfsSync(folder).type)
  if (verdict?.is === 'refused')
    throw new StoreUnusable(
      `The folder ${folder} is on a network file system (${verdict.name}), where an embedded database loses writes.`,
      'Choose a folder on a disk of this machine with --data, or use PostgreSQL with DATABASE_URL.',
    )
  if (verdict)
    logger.warn(
      { folder, fileSystem: verdict.name },
      'data folder may be on another machine, where an embedded database can lose writes; use a local disk, or PostgreSQL',
    )
}
