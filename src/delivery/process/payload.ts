import type { Mapping } from '../../catalog/mapping.ts'
import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import { fillAll } from '../../engine/fill.ts'
import type { Logger } from '../../kit/logger.ts'
import type { ReferenceData } from '../../pipedrive/pipedrive.ts'
import { changeBetween } from './record-change.ts'
import { isChange } from './record-kinds.ts'

/** A Telling is what goes into the payloads of one record's events: the record, and the two states that say what has changed. */
export interface PayloadInput {
  /** As it is told: read from API v2, or as a webhook has it. */
  row: TriggerRow
  /** The states between which it changed; undefined where nobody knows. */
  change: { before: TriggerRow; after: TriggerRow; said: ReadonlySet<string> } | undefined
}

/** A Teller makes the payload of one happening. */
export type BuildPayload = (happening: EventType) => Record<string, unknown>

type Contract = Record<string, unknown>

/**
 * Fills the contract's shapes of many records at once: each kind of name is fetched once for all. Names that cannot be had are null: what happened
 * is told all the same. Without `names` all are.
 */
export async function buildPayloads(
  kind: RecordKind,
  tellings: readonly PayloadInput[],
  names: ReferenceData | undefined,
  logger: Logger,
): Promise<BuildPayload[]> {
  const rules = kind.fields as Mapping<TriggerRow, Contract>
  const before = tellings.map(({ change }) => change?.before)
  const rows = [...tellings.map(({ row }) => row), ...before.filter((row) => row !== undefined)]
  const filled = await fillAll(names ?? NO_NAMES, rules, rows, (linked, error) =>
    logger.warn({ kind: kind.name, linked, code: codeOf(error) }, 'an event is told without names'),
  )
  let next = tellings.length
  return tellings.map(({ change }, at) => {
    const record = filled[at]!
    const was = change && filled[next++]
    return (happening) => (isChange(happening) ? { ...record, ...changeOf(kind, change, was) } : record)
  })
}

function changeOf(kind: RecordKind, change: PayloadInput['change'], was: Contract | undefined): Contract {
  if (!change || !was) return { changed: [] }
  const { changed, shown } = changeBetween(kind, change.before, change.after, change.said)
  return { changed, previous: Object.fromEntries(shown.map((name) => [name, was[name]])) }
}

const codeOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown')

/** Only `fetch` is asked by mappings. */
const NO_NAMES = { fetch: () => Promise.resolve(new Map()) } as unknown as ReferenceData
