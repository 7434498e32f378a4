import { managementCommand, yesOption } from '../management/management-command.ts'
import type { Management } from '../management/management.ts'
import { readSecret, type SecretSource } from '../management/read-secret.ts'
import { minute, plain, table } from '../management/table.ts'
import { confirm } from '../management/terminal.ts'
import type { Command } from '../../../kit/command.ts'
import type { DeliveryDetail, DeliveryView, SubscriptionDetail, SubscriptionView } from '../../../delivery/subscriptions/subscriptions.ts'

const PATH = '/api/subscriptions'
const argument = ['<subscription>']
/** The maximum of one page. */
const PAGE = 100

const at = (id: string, more = ''): string => `${PATH}/${encodeURIComponent(id)}${more}`
const target = ({ callback }: SubscriptionView): string => callback ?? '(fetched)'
const short = (filters: Record<string, unknown>): string =>
  Object.entries(filters)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ')

/** All items of all pages. */
async function listAll(management: Management, state: string | undefined): Promise<SubscriptionView[]> {
  const all: SubscriptionView[] = []
  for (;;) {
    const last = all.at(-1)
    const query = new URLSearchParams({ limit: String(PAGE), ...(state !== undefined && { state }), ...(last && { after: last.id }) })
    const page = await management.list<SubscriptionView>(`${PATH}?${query}`)
    all.push(...page)
    if (page.length < PAGE) return all
  }
}

const list = managementCommand({
  name: 'subscriptions list',
  description: 'list the subscriptions to instant triggers; ended ones only with --state ended',
  prints: 'a table',
  options: [{ flags: '--state <state>', description: 'only subscriptions in this state: active, paused, disabled or ended' }],
  async run({ management, options: { state }, print }) {
    const views = await listAll(management, state)
    const rows = views.map((view) => [
      view.id,
      view.trigger,
      short(view.filters),
      target(view),
      view.state,
      view.mode,
      view.connection ?? 'a Pipedrive key',
      minute(view.createdAt),
    ])
    const text = table(['id', 'trigger', 'filters', 'target', 'state', 'mode', 'connection', 'made (UTC)'], rows)
    print(views, views.length > 0 ? text : 'No subscriptions. A flow with an instant trigger makes one when it is turned on.')
  },
})

/** A summary of one subscription. */
const describe = (view: SubscriptionView): string =>
  [
    `${view.trigger}  ${view.id}`,
    `filters    ${plain(short(view.filters)) || 'none'}`,
    `target     ${plain(target(view))}, as ${view.format}${view.signed ? ', signed' : ''}`,
    `state      ${view.state}${view.stateReason === null ? '' : `: ${plain(view.stateReason)}`} (since ${minute(view.stateSince)} UTC)`,
    `mode       ${view.mode}${view.modeReason === null ? '' : `: ${plain(view.modeReason)}`}`,
  ].join('\n')

const show = managementCommand({
  name: 'subscriptions show',
  description: 'show one subscription: pending, delivered and dead deliveries, and the last attempts',
  prints: 'the subscription',
  arguments: argument,
  async run({ management, args: [id = ''], print }) {
    const view = await management.get<SubscriptionDetail>(at(id))
    const oldest = view.oldestPendingAt === null ? '' : `, the oldest since ${minute(view.oldestPendingAt)} UTC`
    const attempts = view.lastAttempts.map((attempt) => [
      minute(attempt.at),
      attempt.delivery,
      String(attempt.attempt),
      attempt.status === null ? '-' : String(attempt.status),
      `${attempt.ms} ms`,
      attempt.reason ?? '',
    ])
    const lines = [
      describe(view),
      ...(view.sourceTrouble === null ? [] : [`source problem: ${plain(view.sourceTrouble)}`]),
      `deliveries ${view.pending} pending${oldest}; ${view.delivered} delivered; ${view.dead} dead`,
      ...(attempts.length > 0 ? ['', table(['last attempts (UTC)', 'delivery', 'attempt', 'status', 'took', 'why'], attempts)] : []),
    ]
    print(view, lines.join('\n'))
  },
})

/** A state change that needs no options. */
const changing = (word: 'pause' | 'resume', description: string): Command =>
  managementCommand({
    name: `subscriptions ${word}`,
    description,
    prints: 'the subscription',
    arguments: argument,
    async run({ management, args: [id = ''], print }) {
      const view = await management.send<SubscriptionView>('POST', at(id, `/${word}`))
      print(view, describe(view))
    },
  })

const test = managementCommand({
  name: 'subscriptions test',
  description: 'deliver the newest record, marked as a test',
  prints: 'the id of the delivery',
  arguments: argument,
  async run({ management, args: [id = ''], print }) {
    const made = await management.send<DeliveryView>('POST', at(id, '/test'))
    print(made, `Delivery ${made.id} brings record ${made.recordId}. What becomes of it: dealbridge subscriptions show ${plain(id)}`)
  },
})

const replay = managementCommand({
  name: 'subscriptions replay',
  description: 'deliver again: one delivery, all since a time, or all dead ones',
  prints: 'how many deliveries are pending again',
  arguments: argument,
  options: [
    { flags: '--delivery <id>', description: 'one delivery' },
    { flags: '--since <time>', description: 'all deliveries made since this time, such as 2026-11-22T10:00:00Z' },
    { flags: '--dead', description: 'all dead deliveries' },
  ],
  async run({ management, options: { delivery, since, dead }, args: [id = ''], print }) {
    const body = { ...(delivery !== undefined && { delivery }), ...(since !== undefined && { since }), ...(dead && { dead: true }) }
    const answer = await management.send<{ replayed: number }>('POST', at(id, '/replay'), body)
    print(answer, `${answer.replayed} on their way again.`)
  },
})

const deliveries = managementCommand({
  name: 'subscriptions deliveries',
  description: 'list the deliveries of a subscription, newest first; with --delivery one of them, its payload and its attempts',
  prints: 'a table; with --delivery JSON',
  arguments: argument,
  options: [
    { flags: '--state <state>', description: 'only deliveries in this state: pending, delivered or dead' },
    { flags: '--delivery <id>', description: 'one delivery' },
    { flags: '--limit <number>', description: 'number of deliveries, at most 100', default: '50' },
    { flags: '--after <id>', description: 'only deliveries older than this one' },
  ],
  async run({ management, options: { state, delivery, limit, after }, args: [id = ''], print }) {
    if (delivery !== undefined) {
      const one = await management.get<DeliveryDetail>(at(id, `/deliveries/${encodeURIComponent(delivery)}`))
      return print(one, plainJson(one))
    }
    const query = new URLSearchParams({
      ...(limit !== undefined && { limit }),
      ...(state !== undefined && { state }),
      ...(after && { after }),
    })
    const views = await management.list<DeliveryView>(at(id, `/deliveries?${query}`))
    const rows = views.map((view) => [
      view.id,
      `${view.recordId} ${view.happening}${view.test ? ' (test)' : ''}`,
      view.state,
      String(view.attempts),
      view.lastStatus === null ? '-' : String(view.lastStatus),
      view.nextAttemptAt === null ? '' : minute(view.nextAttemptAt),
      view.lastReason ?? '',
    ])
    print(views, table(['id', 'record', 'state', 'attempts', 'status', 'next (UTC)', 'why'], rows))
  },
})

/** One JSON value a line, so that the lines of the JSON stay. */
const plainJson = (value: unknown): string => JSON.stringify(value, null, 2).split('\n').map(plain).join('\n')

const CALLBACK_URL: SecretSource = {
  env: 'DEALBRIDGE_CALLBACK_URL',
  description: 'new callback URL. Without it the command asks, or reads standard input',
  question: 'Callback URL (it is not shown): ',
  what: 'callback URL',
}

const retarget = managementCommand({
  name: 'subscriptions retarget',
  description: 'change the callback URL of a subscription',
  prints: 'the subscription',
  variables: [CALLBACK_URL],
  arguments: argument,
  async run({ management, terminal, args: [id = ''], stop, print }) {
    const callbackUrl = (await readSecret(CALLBACK_URL, terminal, stop)).reveal()
    const view = await management.send<SubscriptionView>('PATCH', at(id), { callbackUrl })
    print(view, describe(view))
  },
})

const end = managementCommand({
  name: 'subscriptions end',
  description: 'end a subscription and drop its pending deliveries',
  prints: 'one line',
  arguments: argument,
  options: [yesOption],
  async run({ management, terminal, options, args: [id = ''], stop, print }) {
    const view = await management.get<SubscriptionDetail>(at(id))
    const dropped = view.pending > 0 ? ` ${view.pending} deliveries on their way are dropped.` : ''
    await confirm(terminal, `${view.trigger} to ${plain(target(view))} ends.${dropped}`, options['yes'], stop)
    await management.send('DELETE', at(id))
    print({ ended: view }, `${view.trigger} to ${plain(target(view))} has ended.`)
  },
})

export const subscriptionCommands: readonly Command[] = [
  list,
  show,
  changing('pause', 'pause a subscription; its events are kept until it is resumed'),
  changing('resume', 'resume a subscription that is paused, or that its receiver disabled'),
  test,
  replay,
  deliveries,
  retarget,
  end,
]
