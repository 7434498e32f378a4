import type { Texts } from './texts/en.ts'
import { type Preset, presets } from './fault-presets.ts'

/** A ControlRequest is a button's request to the control endpoints; the page has no other way to act. */
export interface ControlRequest {
  done: keyof Texts['done']
  method: 'POST' | 'DELETE'
  /** Below /_sandbox. */
  path: string
  body?: unknown
}

const clockOrder = (value: string): unknown => {
  const [word, seconds] = value.split(' ')
  return word === 'advance' ? { advance: Number(seconds) } : { [word!]: true }
}

const SWITCH = 'switch.'
/** The values of switches are JSON: 200 and "200" differ. The control endpoints refuse invalid ones. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function chosenSwitches(fields: URLSearchParams): Record<string, unknown> {
  const entries = [...fields].filter(([name]) => name.startsWith(SWITCH))
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(SWITCH.length), readValue(value)]))
}

const controlRequests: Record<string, (value: string, fields: URLSearchParams) => ControlRequest> = {
  clock: (value) => ({ done: 'clock', method: 'POST', path: '/clock', body: clockOrder(value) }),
  limits: (value) => ({ done: 'limits', method: 'POST', path: '/behaviour', body: { limits: value } }),
  fault: (value) => ({ done: 'fault', method: 'POST', path: '/faults', body: { name: value, ...presets[value as Preset] } }),
  unfault: (value) => ({ done: 'unfault', method: 'DELETE', path: value === 'all' ? '/faults' : `/faults/${Number(value)}` }),
  resend: (value) => ({ done: 'resend', method: 'POST', path: `/webhooks/deliveries/${encodeURIComponent(value)}/resend` }),
  behaviour: (_value, fields) => ({ done: 'behaviour', method: 'POST', path: '/behaviour', body: chosenSwitches(fields) }),
  reset: () => ({ done: 'reset', method: 'POST', path: '/reset' }),
}

/** The request for the name and value of a form's button; undefined for an unknown name. */
export function readControlRequest(fields: URLSearchParams): ControlRequest | undefined {
  for (const [name, value] of fields) if (Object.hasOwn(controlRequests, name)) return controlRequests[name]!(value, fields)
  return undefined
}
