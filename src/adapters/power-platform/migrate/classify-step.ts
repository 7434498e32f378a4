import type { FlowStep } from './find-steps.ts'
import { forEachString } from './json-text.ts'
import { offered, UNREADABLE_OPERATION } from './offered.ts'

/** A StepContext is what is known about the old connector and the connections of a flow. */
export interface StepContext {
  /** By key: whether the connection belongs to the connector; undefined if the file does not say. */
  connections: ReadonlyMap<string, boolean | undefined>
  /** Whether the step itself names the connector, apart from its connection. */
  own?: boolean | undefined
  /** Finds the connector's name in an identifier. */
  resembles: (text: string) => boolean
  /** Whether any identifier of the export has that name: only then may an unnamed step use the connector. */
  isMentioned: boolean
  /** Why the connector of a connection is unknown, for the report. */
  unknownConnection: (reference: string) => string
}

/** A StepClass says whether a step uses the connector, or why that is unknown. */
export type StepClass = 'on it' | 'on another' | { unreadable: string }

export function classifyStep(step: FlowStep, context: StepContext): StepClass {
  const { connections, own, unknownConnection } = context
  const { reference, connection } = step
  if (reference !== undefined && connections.get(reference) === true) return 'on it'
  if (own === false) return 'on another'
  if (reference !== undefined && connections.get(reference) === false)
    return own === true ? { unreadable: `its connection ${reference} is of another connector than the step` } : 'on another'
  if (own !== true && !mayBeOnIt(step, context)) return 'on another'
  if (reference !== undefined)
    return {
      unreadable: connections.has(reference)
        ? unknownConnection(reference)
        : `its connection ${reference} is not among the connections of the flow`,
    }
  return {
    unreadable:
      connection === undefined
        ? 'it does not say which connection it uses. Open and save the flow in the designer, and export it again'
        : `its connection is an expression that cannot be read: ${shown(connection)}. Name the connection itself`,
  }
}

/** Dealbridge has all operations of the connector: a readable step that calls another operation uses another connector. */
function mayBeOnIt(step: FlowStep, { connections, resembles, isMentioned }: StepContext): boolean {
  let isNamed = resembles(step.reference ?? '')
  forEachString(step.host, (_, { value }) => (isNamed ||= resembles(value)))
  if (isNamed) return true
  const named = [...(step.connection ?? '').slice(0, LONGEST_SHOWN * 10).matchAll(/'([^']*)'/g)].map(([, key]) => key!)
  const known = named.filter((key) => connections.has(key))
  if (known.length > 0 && known.every((key) => connections.get(key) === false)) return false
  const offer = offered(step)
  return 'operation' in offer || (isMentioned && UNREADABLE_OPERATION.has(offer.reason))
}

const LONGEST_SHOWN = 200
const shown = (text: string): string => (text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text)
