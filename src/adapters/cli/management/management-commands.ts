import type { Command } from '../../../kit/command.ts'
import { connectionCommands } from './connection-commands.ts'
import { keyCommands } from './key-commands.ts'
import { ownerCommands } from './owner-commands.ts'

/** Every command that calls the management API of a running server. */
export const managementCommands: readonly Command[] = [...connectionCommands, ...keyCommands, ...ownerCommands]
