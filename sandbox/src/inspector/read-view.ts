import { type Behaviour, switches } from '../behaviour.ts'
import type { Meter } from '../quota.ts'
import type { Fault, FaultRegistry } from '../fault-rules.ts'
import type { RequestLog, RequestRecord } from '../request-log.ts'
import { companiesIn, type World } from '../state/company.ts'
import type { Timeline } from '../timeline.ts'
import { overviewOf, type ShownDelivery } from '../webhooks/webhook-control.ts'
import type { AttemptView, DeliveryView, FaultView, RequestsView, RequestView, SwitchView, View } from './view-model.ts'

/** An InspectedState is the state that the page shows. */
export interface InspectedState {
  clock: Timeline
  behaviour: Behaviour
  world: World
  meter: Meter
  log: RequestLog
  faults: FaultRegistry
}

/** Enough for a page; GET /_sandbox/requests returns all. */
const SHOWN_ROWS = 100

/** The names of users by company and id. */
type Names = (company: number | null, user: number | null) => string | null

const namesIn = ({ world }: InspectedState): Names => {
  const companies = new Map(companiesIn(world).map((company) => [company.id, company]))
  return (company, user) => (company === null || user === null ? null : (companies.get(company)?.users.get(user)?.name ?? String(user)))
}

const viewOfRequest = ({ id, time, method, path, status, tokens, user, company, fault }: RequestRecord, names: Names): RequestView => ({
  id,
  time,
  method,
  path,
  status,
  tokens,
  user: names(company, user),
  fault: fault ?? null,
})

const matcher = (filter: string) => {
  const words = filter.toLowerCase().split(/\s+/)
  return ({ method, path, status }: RequestRecord) => {
    const text = `${method} ${path} ${status}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
}

function viewOfRequests(state: InspectedState, filter: string): RequestsView {
  const all = state.log.all()
  const found = filter === '' ? all : all.filter(matcher(filter))
  const names = namesIn(state)
  const shown = found.slice(-SHOWN_ROWS).reverse()
  return { shown: shown.map((record) => viewOfRequest(record, names)), total: found.length, filter }
}

const viewOfAttempt = ({ time, status, failure }: ShownDelivery['attempts'][number]): AttemptView => ({
  time,
  result: String(status ?? failure),
  ok: status !== null && status >= 200 && status < 300,
})

const viewOfDelivery = ({ id, time, url, state, reason, attempts, next_attempt, resent, payload }: ShownDelivery): DeliveryView => ({
  id,
  time,
  event: `${payload.meta.action}.${payload.meta.entity} ${payload.meta.entity_id}`,
  url: url ?? '',
  state,
  reason,
  attempts: attempts.map(viewOfAttempt),
  next: next_attempt,
  resent,
})

const viewOfFault = ({ id, name, rule, left }: Fault): FaultView => ({
  id,
  name: 'status' in rule && rule.name === undefined ? `${name} ${rule.status}` : name,
  matches: [[rule.method ?? []].flat().join(' '), rule.path, rule.key, rule.probability && `p = ${rule.probability}`]
    .filter(Boolean)
    .join(' '),
  left,
})

const viewOfSwitches = (behaviour: Behaviour): SwitchView[] =>
  Object.entries(switches).map(([name, { default: assumed, alternatives, unknown }]) => ({
    name,
    about: unknown,
    value: JSON.stringify(behaviour[name as keyof Behaviour]),
    assumed: JSON.stringify(assumed),
    values: [assumed, ...alternatives].map((value) => JSON.stringify(value)),
  }))

/** The current content of the page. */
export function readView(state: InspectedState, filter: string): View {
  const { clock, behaviour, world, meter, faults } = state
  const companies = companiesIn(world)
  const nameOf = (id: number) => companies.find((company) => company.id === id)?.name ?? String(id)
  const { webhooks, deliveries } = overviewOf(world)
  const nowMs = clock.now()
  return {
    clock: { nowMs, shiftMs: nowMs - Date.now(), frozen: clock.frozen },
    limits: behaviour.limits,
    accounts: [...world.values()].map(({ key, user, company }) => ({
      key,
      user: user.name,
      isAdmin: user.is_admin,
      company: company.name,
      plan: company.plan.name,
    })),
    budgets: companies.map((company) => {
      const { name, plan, spent, budget } = meter.read(company, nowMs)
      return { company: name, plan, spent, limit: budget }
    }),
    requests: viewOfRequests(state, filter),
    webhooks: webhooks
      .filter((hook) => !hook.is_deleted)
      .map(({ id, name, company, event_action, event_object, subscription_url, banned_until }) => ({
        id: `${company}-${id}`,
        name,
        event: `${event_action}.${event_object}`,
        url: subscription_url,
        company: nameOf(company),
        bannedUntil: banned_until,
      })),
    deliveries: deliveries.slice(0, SHOWN_ROWS).map(viewOfDelivery),
    faults: faults.list().map(viewOfFault),
    switches: viewOfSwitches(behaviour),
  }
}

/** One request with its body; undefined if it is no longer in the log. */
export function readRequest(state: InspectedState, id: number): { request: RequestView; body: string | undefined } | undefined {
  const record = state.log.all().find((one) => one.id === id)
  return record && { request: viewOfRequest(record, namesIn(state)), body: record.body }
}

export function readDelivery({ world }: InspectedState, id: string): { delivery: DeliveryView; payload: string } | undefined {
  const found = overviewOf(world).deliveries.find((one) => one.id === id)
  return found && { delivery: viewOfDelivery(found), payload: JSON.stringify(found.payload, null, 2) }
}
