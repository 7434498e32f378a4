/** A View is what the page shows, read from the sandbox once per answer. Times are RFC 3339, UTC. */
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
  /** By how much it differs from the machine's clock. */
  shiftMs: number
  frozen: boolean
}

/** An AccountView is an API key and whom it acts as. */
export interface AccountView {
  key: string
  user: string
  isAdmin: boolean
  company: string
  plan: string
}

/** A BudgetView is what a company has spent today. */
export interface BudgetView {
  company: string
  plan: string
  spent: number
  limit: number
}

/** A RequestsView is the part of the log that is shown. */
export interface RequestsView {
  /** The latest first. */
  shown: readonly RequestView[]
  /** How many there are that fit the filter. */
  total: number
  filter: string
}

/** A RequestView is one request as it was answered. */
export interface RequestView {
  id: number
  time: string
  method: string
  path: string
  /** Null when no answer went out. */
  status: number | null
  tokens: number
  /** Null when the key was refused. */
  user: string | null
  /** The name of the fault that was applied. */
  fault: string | null
}

/** A WebhookView is a webhook that is registered. */
export interface WebhookView {
  id: string
  name: string
  event: string
  url: string
  company: string
  /** No first attempt before then. */
  bannedUntil: string | null
}

/** A DeliveryView is one event on its way to one webhook. */
export interface DeliveryView {
  id: string
  time: string
  event: string
  url: string
  state: 'pending' | 'delivered' | 'failed' | 'lost' | 'banned'
  /** Why it will never arrive. */
  reason: string | null
  attempts: readonly AttemptView[]
  /** The time of the next attempt. */
  next: string | null
  /** Sent once more by hand. */
  resent: boolean
}

/** An AttemptView is one try to deliver. */
export interface AttemptView {
  time: string
  /** The status, or why there was none. */
  result: string
  ok: boolean
}

/** A FaultView is a fault in force. */
export interface FaultView {
  id: number
  name: string
  /** For which requests, as set. */
  matches: string
  /** How often it will still strike; null without end. */
  left: number | null
}

/** A SwitchView is one point at which nobody knows what Pipedrive does. Values are JSON. */
export interface SwitchView {
  name: string
  about: string
  value: string
  assumed: string
  values: readonly string[]
}
