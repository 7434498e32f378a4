/** A View is the content of the page, read from the sandbox once per answer. Times are RFC 3339, UTC. */
export interface View {
  clock: ClockView
  limits: 'on' | 'off'
  accounts: readonly AccountView[]
  budgets: readonly BudgetView[]
  requests: RequestsView
  webhooks: readonly WebhookView[]
  /** The latest first. */
  deliveries: readonly DeliveryView[]
  faults: readonly FaultView[]
  switches: readonly SwitchView[]
}

/** A ClockView is the time of the sandbox. */
export interface ClockView {
  nowMs: number
  /** The difference from the machine's clock. */
  shiftMs: number
  frozen: boolean
}

/** An AccountView is an API key and its user. */
export interface AccountView {
  key: string
  user: string
  isAdmin: boolean
  company: string
  plan: string
}

/** A BudgetView is the tokens that a company has spent today. */
export interface BudgetView {
  company: string
  plan: string
  spent: number
  limit: number
}

/** A RequestsView is the shown part of the request log. */
export interface RequestsView {
  /** The latest first. */
  shown: readonly RequestView[]
  /** The number of requests that match the filter. */
  total: number
  filter: string
}

/** A RequestView is one request and its result. */
export interface RequestView {
  id: number
  time: string
  method: string
  path: string
  /** Null if there was no answer. */
  status: number | null
  tokens: number
  /** Null if the key is unknown. */
  user: string | null
  /** The name of the fault that was applied. */
  fault: string | null
}

/** A WebhookView is a registered webhook. */
export interface WebhookView {
  id: string
  name: string
  event: string
  url: string
  company: string
  /** The end of the ban. */
  bannedUntil: string | null
}

/** A DeliveryView is the delivery of one event to one webhook. */
export interface DeliveryView {
  id: string
  time: string
  event: string
  url: string
  state: 'pending' | 'delivered' | 'failed' | 'lost' | 'banned'
  /** Why it is never sent. */
  reason: string | null
  attempts: readonly AttemptView[]
  /** The time of the next attempt. */
  next: string | null
  /** A user resent it. */
  resent: boolean
}

/** An AttemptView is one attempt of a delivery. */
export interface AttemptView {
  time: string
  /** The status, or the failure. */
  result: string
  ok: boolean
}

/** A FaultView is an active fault. */
export interface FaultView {
  id: number
  name: string
  /** The requests it applies to. */
  matches: string
  /** How many more times it applies; null without a limit. */
  left: number | null
}

/** A SwitchView is one switch. Values are JSON. */
export interface SwitchView {
  name: string
  about: string
  value: string
  assumed: string
  values: readonly string[]
}
