import { SETS } from '../../../catalog/set-names.ts'
import type { Command } from '../../../kit/command.ts'
import type { KeyView } from '../../../connections/registry.ts'
import { listConnections, pickConnection } from './connection-commands.ts'
import { managementCommand, yesOption } from './management-command.ts'
import { pick } from './pick.ts'
import { minute, plain, table } from './table.ts'
import { confirm } from './terminal.ts'

const PATH = '/api/keys'

const add = managementCommand({
  name: 'connections keys add',
  description: 'create a key for a connection',
  prints: 'the key alone, this once; what it is for goes to standard error',
  arguments: ['<connection>'],
  options: [
    { flags: '--name <name>', description: 'name of the key, for your lists', default: 'key' },
    { flags: '--sets <names>', description: `limit the key to the operations of some sets: ${SETS.join(', ')}` },
    { flags: '--read-only', description: 'limit the key to operations that read' },
  ],
  async run({ management, options: { name, sets, readOnly }, args: [given = ''], printOnce }) {
    const connection = await pickConnection(management, given)
    const made = await management.send<KeyView & { key: string }>('POST', PATH, {
      connectionId: connection.id,
      name,
      ...(sets !== undefined && { sets }),
      ...(readOnly !== undefined && { readOnly: true }),
    })
    printOnce(
      made,
      made.key,
      `The key "${plain(made.name)}" of ${plain(connection.name)}. It is shown this once; flows take it in the place of a Pipedrive key. Its id: ${made.id}`,
    )
  },
})

const list = managementCommand({
  name: 'connections keys list',
  description: 'list the keys of one connection, or of all your connections',
  prints: 'a table',
  arguments: ['[connection]'],
  async run({ management, args: [given], print }) {
    const connections = await listConnections(management)
    const query = given === undefined ? '' : `?connectionId=${pick('connection', given, connections).id}`
    const keys = await management.list<KeyView>(PATH + query)
    const nameOf = new Map(connections.map(({ id, name }) => [id, name]))
    const rows = keys.map((key) => [
      key.id,
      nameOf.get(key.connectionId) ?? key.connectionId,
      key.name,
      `…${key.hint}`,
      [...(key.sets ?? ['all']), ...(key.readOnly ? ['read only'] : [])].join(', '),
      minute(key.createdAt),
      minute(key.lastUsedAt),
    ])
    const text = table(['id', 'connection', 'name', 'ends with', 'may use', 'made (UTC)', 'last used (UTC)'], rows)
    print(keys, keys.length > 0 ? text : 'No keys. Make one with `dealbridge connections keys add <connection>`.')
  },
})

const remove = managementCommand({
  name: 'connections keys remove',
  description: 'remove a key; calls that use it are refused from now on',
  prints: 'one line',
  arguments: ['<key>'],
  options: [yesOption],
  async run({ management, terminal, options, args: [given = ''], stop, print }) {
    const key = pick('key', given, await management.list<KeyView>(PATH))
    const last = key.lastUsedAt === null ? 'was never used' : `was last used at ${minute(key.lastUsedAt)} UTC`
    await confirm(terminal, `The key "${plain(key.name)}" (…${key.hint}) ends; it ${last}.`, options['yes'], stop)
    await management.send('DELETE', `${PATH}/${key.id}`)
    print({ removed: key }, `The key "${plain(key.name)}" (…${key.hint}) is removed.`)
  },
})

export const keyCommands: readonly Command[] = [add, list, remove]
