import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** Node's arguments that run a file of ours from the sources, the sandbox's package included. */
export const FROM_SOURCES = ['--conditions=dealbridge-source']

/** Node's arguments that start the program: `spawn(process.execPath, [...PROGRAM, 'serve'])`. */
export const PROGRAM = [...FROM_SOURCES, join(root, 'src/main.ts')]
