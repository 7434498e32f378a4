import type { Mapping } from '../../catalog/mapping.ts'
import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { fillAll } from '../../engine/fill.ts'
import type { Logger } from '../../kit/logger.ts'
import type { ReferenceData } from '../../pipedrive/pipedrive.ts'
import { isChange } from './baselines.ts'
import { changeBetween } from './record-change.ts'

/** A PayloadInput is what the payloads of one record's events are built from: the record, and the two states that show what changed. */
export interface PayloadInput {
  /** The record as subscribers receive it: read from API v2, or from the webhook. */
  row: TriggerRow
  /** The states before and after the change, and the fields that both contain; undefined if they are unknown. */
  transition: { before: TriggerRow; after: TriggerRow; comparable: ReadonlySet<string> } | undefined
}

/** A BuildPayload makes the payload of one event type. */
export type BuildPayload = (eventType: EventType) => Record<string, unknown>

type Contract = Record<string, unknown>

/**
 * Fills the contract's shapes of many records at once: each kind of linked record is fetched once for all. If a name cannot be fetched it is null,
 * and the event is delivered all the same. Without `names` all of them are null.
 */
export async function buildPayloads(
  kind: RecordKind,
  inputs: readonly PayloadInput[],
  names: ReferenceData | undefined,
  logger: Logger,
): Promise<BuildPayload[]> {
  const rules = kind.fields as Mapping<TriggerRow, Contract>
  const before = inputs.map(({ transition }) => transition?.before)
  const rows = [...inputs.map(({ row }) => row), ...before.filter((row) => row !== undefined)]
  const filled = await fillAll(names ?? NO_NAMES, rules, rows, (linked, error) =>
    logger.warn({ kind: kind.name, linked, code: codeOf(error) }, 'names not available; event delivered without them'),
  )
  let next = inputs.length
  return inputs.map(({ transition }, at) => {
    const record = filled[at]!
    const previous = transition && filled[next++]
    return (eventType) => (isChange(eventType) ? { ...record, ...changeFields(kind, transition, previous) } : record)
  })
}

function changeFields(kind: RecordKind, transition: PayloadInput['transition'], previous: Contract | undefined): Contract {
  if (!transition || !previous) return { changed: [] }
  const { changed, shown } = changeBetween(kind, transition.before, transition.after, transition.comparable)
  return { changed, previous: Object.fromEntries(shown.map((name) => [name, previous[name]])) }
}

const codeOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown')

/** Mappings call only `fetch`. */
const NO_NAMES = { fetch: () => Promise.resolve(new Map()) } as unknown as ReferenceData
