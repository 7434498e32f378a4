import { statfsSync } from 'node:fs'
import type { Logger } from '../../kit/logger.ts'
import { StoreUnusable } from '../errors/store-unusable.ts'

/**
 * File systems of other machines, by the numbers that Linux gives them (linux/magic.h and the drivers). Their locks keep nobody out for certain,
 * and the index of the log must lie in memory that all who read it share: https://www.sqlite.org/wal.html
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
/** Whether these are on this machine, only who has mounted them knows. */
const DOUBTFUL: Readonly<Record<number, string>> = { 0x65735546: 'FUSE', 0x01021997: '9p' }

/** A FileSystemVerdict is what is to be thought of a file system as the place of a database. */
export type FileSystemVerdict = { is: 'refused' | 'doubtful'; name: string } | undefined

export function judgeFileSystem(type: number): FileSystemVerdict {
  const refused = REFUSED[type]
  if (refused) return { is: 'refused', name: refused }
  const doubtful = DOUBTFUL[type]
  return doubtful ? { is: 'doubtful', name: doubtful } : undefined
}

/** Throws StoreUnusable for a folder on another machine; warns of one of which nobody can say. */
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
      'the data folder may be on another machine; there an embedded database can lose writes. Use a local disk, or PostgreSQL',
    )
}
