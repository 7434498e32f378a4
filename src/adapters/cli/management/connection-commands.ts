import type { Command } from '../../../kit/command.ts'
import type { ConnectionView, KeyView, ReachableConnection, Rotation } from '../../../connections/registry.ts'
import type { Management } from './management.ts'
import { managementCommand, yesOption } from './management-command.ts'
import { pick } from './pick.ts'
import { PIPEDRIVE_KEY, readPipedriveKey } from './read-pipedrive-key.ts'
import { minute, plain, table } from './table.ts'
import { confirm } from './terminal.ts'

const PATH = '/api/connections'

export const listConnections = (management: Management) => management.list<ReachableConnection>(PATH)

/** The connection whose id or name is `given`. */
export const pickConnection = async (management: Management, given: string): Promise<ReachableConnection> =>
  pick('connection', given, await listConnections(management))

const actsAs = ({ user, company }: ConnectionView): string => plain(`${user.name} (${user.email}) at ${company.name}`)

/** A summary of one connection. */
const describe = (view: ReachableConnection): string =>
  [
    `${plain(view.name)}  ${view.id}`,
    `acts as    ${actsAs(view)}`,
    `state      ${view.state === 'ok' ? 'ok' : `needs attention: ${plain(view.reason ?? 'no reason is known')}`}`,
    `checked    ${minute(view.checkedAt)} UTC`,
    `URL        ${plain(view.runtimeUrl)}`,
  ].join('\n')

const add = managementCommand({
  name: 'connections add',
  description: 'create a connection from a Pipedrive API key',
  prints: 'the connection, with its id and runtime URL',
  variables: [PIPEDRIVE_KEY],
  arguments: ['<name>'],
  async run({ management, terminal, args: [name], stop, print }) {
    const apiKey = (await readPipedriveKey(terminal, stop)).reveal()
    const view = await management.send<ReachableConnection>('POST', PATH, { name, apiKey })
    print(view, `${describe(view)}\n\nA key for it, to use in flows: dealbridge connections keys add ${view.id}`)
  },
})

const list = managementCommand({
  name: 'connections list',
  description: 'list your connections: which user they act as, and their state',
  prints: 'a table',
  async run({ management, print }) {
    const views = await listConnections(management)
    const rows = views.map((view) => [
      view.id,
      view.name,
      view.state === 'ok' ? 'ok' : 'needs attention',
      actsAs(view),
      minute(view.lastUsedAt),
    ])
    const reasons = views.filter(({ state }) => state !== 'ok').map(({ name, reason }) => `\n${plain(name)}: ${plain(reason ?? '')}`)
    const [first] = views
    const at = first && `\nRuntime URL: ${plain(first.runtimeUrl.replace(first.id, '<id>'))}`
    const text = table(['id', 'name', 'state', 'acts as', 'last used (UTC)'], rows) + reasons.join('') + at
    print(views, views.length > 0 ? text : 'No connections yet. Make one with `dealbridge connections add <name>`.')
  },
})

const test = managementCommand({
  name: 'connections test',
  description: 'ask Pipedrive now whether the key of a connection works',
  prints: 'the connection',
  failsWhen: 'the connection needs attention',
  arguments: ['<connection>'],
  async run({ management, args: [given = ''], print }) {
    const { id } = await pickConnection(management, given)
    const view = await management.send<ReachableConnection>('POST', `${PATH}/${id}/test`)
    print(view, describe(view))
    if (view.state !== 'ok')
      throw new Error(`${view.name} needs attention. Give it a new key with \`dealbridge connections change ${id} --key\`.`)
  },
})

const change = managementCommand({
  name: 'connections change',
  description: 'give a connection a new name or a new Pipedrive key of the same company',
  prints: 'the connection',
  variables: [PIPEDRIVE_KEY],
  arguments: ['<connection>'],
  options: [
    { flags: '--name <name>', description: 'new name' },
    { flags: '--key', description: 'read a new Pipedrive key' },
  ],
  async run({ management, terminal, options: { name, key }, args: [given = ''], stop, print }) {
    if (name === undefined && key === undefined) throw new Error('Say what to change: --name <name>, --key, or both.')
    const { id } = await pickConnection(management, given)
    const apiKey = key === undefined ? undefined : (await readPipedriveKey(terminal, stop)).reveal()
    const view = await management.send<ReachableConnection>('PATCH', `${PATH}/${id}`, {
      ...(name !== undefined && { name }),
      ...(apiKey !== undefined && { apiKey }),
    })
    print(view, describe(view))
  },
})

const remove = managementCommand({
  name: 'connections remove',
  description: 'remove a connection and all its keys',
  prints: 'one line',
  arguments: ['<connection>'],
  options: [yesOption],
  async run({ management, terminal, options, args: [given = ''], stop, print }) {
    const view = await pickConnection(management, given)
    if (options['yes'] === undefined) {
      const keys = await management.list<KeyView>(`/api/keys?connectionId=${view.id}`)
      const last = view.lastUsedAt === null ? 'It was never used.' : `It was last used at ${minute(view.lastUsedAt)} UTC.`
      const what = `${plain(view.name)}, which acts as ${actsAs(view)}, ends, and its ${keys.length === 1 ? 'key' : `${keys.length} keys`} with it.`
      await confirm(terminal, `${what} ${last}`, undefined, stop)
    }
    await management.send('DELETE', `${PATH}/${view.id}`)
    print({ removed: view }, `${plain(view.name)} is removed.`)
  },
})

const rotate = managementCommand({
  name: 'connections rotate',
  description: 'seal every Pipedrive key and callback URL with a new key of the key ring (admin only)',
  prints: 'how many secrets were sealed, and which older keys the ring still holds',
  failsWhen: 'a secret cannot be opened',
  async run({ management, print }) {
    const rotation = await management.send<Rotation>('POST', `${PATH}/rotate`)
    const { keyId, resealed, unreadable, olderKeyIds } = rotation
    const lines = [`${resealed} secret${resealed === 1 ? '' : 's'} resealed. New seals and signatures are made with the key "${keyId}".`]
    if (olderKeyIds.length > 0)
      lines.push(
        `Still on the ring: ${olderKeyIds.join(', ')}. They seal nothing any more, but flows that have not polled since hold states signed with them: remove them when every flow has.`,
      )
    print(rotation, lines.join('\n'))
    if (unreadable.length > 0)
      throw new Error(
        `${unreadable.length} could not be opened, and stayed as they were: ${unreadable.join(', ')}. Put the ring key that is missing back, or give connections a new Pipedrive key with \`dealbridge connections change <connection> --key\`, and let flows subscribe again. The server's log has the reasons.`,
      )
  },
})

export const connectionCommands: readonly Command[] = [add, list, test, change, remove, rotate]
