import type { Command } from '../../kit/command.ts'
import type { AuditEntry, OwnerView } from '../registry.ts'
import type { Management } from './management.ts'
import { managementCommand, yesOption } from './management-command.ts'
import { pick } from './pick.ts'
import { minute, plain, table } from './table.ts'
import { confirm } from './terminal.ts'

const PATH = '/api/owners'
type NewToken = OwnerView & { token: string }

const listOwners = (management: Management) => management.list<OwnerView>(PATH)
const shownOnce = (name: string): string =>
  `The token of ${plain(name)}, shown this once. Its owner puts it into DEALBRIDGE_TOKEN to make connections.`

const add = managementCommand({
  name: 'owners add',
  description: 'create an owner, who manages their own connections (admin only)',
  prints: 'the token of the owner alone, this once',
  arguments: ['<name>'],
  async run({ management, args: [name], printOnce }) {
    const made = await management.send<NewToken>('POST', PATH, { name })
    printOnce(made, made.token, shownOnce(made.name))
  },
})

const list = managementCommand({
  name: 'owners list',
  description: 'list the owners and how many connections they have (admin only)',
  prints: 'a table',
  async run({ management, print }) {
    const owners = await listOwners(management)
    const rows = owners.map((owner) => [owner.id, owner.name, String(owner.connections), minute(owner.createdAt)])
    print(owners, table(['id', 'name', 'connections', 'made (UTC)'], rows))
  },
})

const renew = managementCommand({
  name: 'owners renew',
  description: 'give an owner a new token; the old one stops working immediately (admin only)',
  prints: 'the new token alone, this once',
  arguments: ['<owner>'],
  async run({ management, args: [given = ''], printOnce }) {
    const { id } = pick('owner', given, await listOwners(management))
    const renewed = await management.send<NewToken>('POST', `${PATH}/${id}/token`)
    printOnce(renewed, renewed.token, shownOnce(renewed.name))
  },
})

const remove = managementCommand({
  name: 'owners remove',
  description: 'remove an owner with all their connections and keys (admin only)',
  prints: 'one line',
  arguments: ['<owner>'],
  options: [yesOption],
  async run({ management, terminal, options, args: [given = ''], stop, print }) {
    const owner = pick('owner', given, await listOwners(management))
    const what = owner.connections === 1 ? 'one connection' : `${owner.connections} connections`
    await confirm(terminal, `${plain(owner.name)} ends, with ${what} and all keys.`, options['yes'], stop)
    await management.send('DELETE', `${PATH}/${owner.id}`)
    print({ removed: owner }, `${plain(owner.name)} is removed.`)
  },
})

const audit = managementCommand({
  name: 'audit',
  description: 'list who changed what and when, newest first',
  prints: 'a table',
  options: [
    { flags: '--limit <number>', description: 'number of entries, at most 100', default: '50' },
    { flags: '--before <number>', description: 'only entries with a lower number' },
  ],
  async run({ management, options: { limit, before }, print }) {
    const query = new URLSearchParams({ ...(limit !== undefined && { limit }), ...(before !== undefined && { before }) })
    const entries = await management.list<AuditEntry>(`/api/audit?${query}`)
    const rows = entries.map(({ id, at, owner, action, subject, details }) => [
      String(id),
      at.slice(0, 19).replace('T', ' '),
      owner,
      action,
      subject,
      JSON.stringify(details),
    ])
    print(entries, table(['number', 'when (UTC)', 'who', 'what', 'of', 'details'], rows))
  },
})

export const ownerCommands: readonly Command[] = [add, list, renew, remove, audit]
