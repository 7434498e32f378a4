import type { EventType, RecordKind, TriggerRow } from '../../catalog/contract/records/record-kind.ts'
import type { ReferenceData } from '../../pipedrive/pipedrive.ts'
import type { OpenAccount } from '../accounts.ts'
import type { DeliveryDeps, Source } from '../deps.ts'
import { classifyEvent, type ParsedChange } from './classify-event.ts'
import { decideRecording, type EventIdentity } from './decide-recording.ts'
import { contentHash, snapshotAfter, statedFields, stateTime, type Digest, type RecordSnapshot } from './record-snapshot.ts'
import { dedupKeyOf, contentKeyOf, type DetectedEvent } from './detected-event.ts'
import { filterFieldsOf, matchesFilters, type ActiveSubscription } from './active-subscriptions.ts'
import { isChange } from './record-kinds.ts'
import { buildPayloads, type BuildPayload, type PayloadInput } from './payload.ts'
import { parseWebhook, type WebhookEvent } from './parse-webhook.ts'
import type { RecordReadResult } from './read-records.ts'
import { loadRecorded } from './record-events.ts'

/** A Letter is one row of the inbox, read. */
export interface InboxEntry {
  inboxId: number
  tries: number
  event: WebhookEvent
  told: ParsedChange
  /** What it says that somebody wants to hear. */
  sought: (EventIdentity & Pick<DetectedEvent, 'filtered'>)[]
}

/** Reads one row of the inbox. Undefined when nothing can be made of it. */
export function parseInboxEntry(
  kind: RecordKind,
  source: Source,
  { id, body, tries }: { id: number; body: Readonly<Record<string, unknown>>; tries: number },
  wanted: ReadonlySet<EventType>,
  digest: Digest,
): InboxEntry | undefined {
  const read = readLetter(kind, source, body)
  if (!read) return undefined
  const { event, told } = read
  const filtered = filterFieldsOf(kind, told.after)
  const { recordId, asOf, toldAt } = event
  const sought = told.happenings
    .filter((happening) => wanted.has(happening))
    .map((happening) => ({
      recordId,
      happening,
      identity: dedupKeyOf(source.id, recordId, happening, event.metaId),
      twin: contentKeyOf(source.id, happening, event, digest),
      origin: 'webhook' as const,
      asOf,
      toldAt,
      filtered,
    }))
  return { inboxId: id, tries, event, told, sought }
}

/** What a body says was not looked at before: it may be of other types than Pipedrive documents. */
function readLetter(
  kind: RecordKind,
  source: Source,
  body: Readonly<Record<string, unknown>>,
): Pick<InboxEntry, 'event' | 'told'> | undefined {
  try {
    const event = parseWebhook(body, source.kind)
    return { event, told: classifyEvent(kind, event) }
  } catch {
    return undefined
  }
}

/** In the order in which Pipedrive wrote them, as far as it says. */
export const inEventOrder = (letters: readonly InboxEntry[]): InboxEntry[] =>
  letters.toSorted((a, b) => a.event.toldAt.getTime() - b.event.toldAt.getTime() || a.inboxId - b.inboxId)

/** A Plan is which letters somebody gets to hear of, and which records must be read for them. */
export interface ReadPlan {
  heard: ReadonlySet<InboxEntry>
  ids: readonly number[]
}

/** Heard is what was not told yet and passes a filter. A record that is deleted is told as it was, and not read. */
export async function planReads(
  { store }: Pick<DeliveryDeps, 'store'>,
  source: Source,
  letters: readonly InboxEntry[],
  listeners: readonly ActiveSubscription[],
): Promise<ReadPlan> {
  const found = letters.flatMap((letter) => letter.sought.map((sought) => ({ ...sought, letter })))
  const isHeard = (event: InboxEntry['sought'][number]) => listeners.some((listener) => matchesFilters(listener, event))
  if (!found.some(isHeard)) return { heard: new Set(), ids: [] }
  // All of them are looked up: one that nobody hears may be what a reconciliation has told.
  const { news, absorbed } = decideRecording(found, await loadRecorded(store.db, source.id, found))
  // What lists have told to nobody, somebody may want as it was.
  const unheard = absorbed.filter(({ heard }) => !heard).map(({ event }) => event)
  const heard = new Set([...news, ...unheard].filter(isHeard).map(({ letter }) => letter))
  return { heard, ids: [...new Set([...heard].filter(({ event }) => event.action !== 'delete').map(({ event }) => event.recordId))] }
}

/** What the letters say, as events with payloads. Names are asked for where somebody gets to see them. */
export async function buildEvents(
  { logger }: Pick<DeliveryDeps, 'logger'>,
  kind: RecordKind,
  letters: readonly InboxEntry[],
  heard: ReadonlySet<InboxEntry>,
  reading: RecordReadResult,
  account: OpenAccount | undefined,
): Promise<{ letter: InboxEntry; event: DetectedEvent }[]> {
  const telling = letters.filter(({ sought }) => sought.length > 0)
  const tell = async (some: readonly InboxEntry[], names: ReferenceData | undefined): Promise<[InboxEntry, BuildPayload][]> => {
    const tellings = some.map(({ event, told }) => tellingOf(event, told, reading.rows.get(event.recordId)))
    const tellers = await buildPayloads(kind, tellings, names, logger)
    return some.map((letter, at) => [letter, tellers[at]!])
  }
  const tellers = new Map([
    ...(await tell(
      telling.filter((letter) => heard.has(letter)),
      account?.referenceData,
    )),
    ...(await tell(
      telling.filter((letter) => !heard.has(letter)),
      undefined,
    )),
  ])
  return telling.flatMap((letter) =>
    letter.sought.map((sought) => ({ letter, event: { ...sought, payload: tellers.get(letter)!(sought.happening) } })),
  )
}

/** What was read is told; where the webhook knows it newer, or nothing could be read, what the webhook says. */
function tellingOf({ action, data, asOf }: WebhookEvent, { after, before }: ParsedChange, read: TriggerRow | undefined): PayloadInput {
  const change = before && { before, after, said: new Set(Object.keys(after)) }
  if (!read || action === 'delete') return { row: after, change }
  if (stateTime(read) >= asOf) return { row: read, change }
  const said = Object.fromEntries(Object.entries(statedFields(after, data ?? {})).filter(([name]) => name !== 'custom_fields'))
  return { row: { ...read, ...said }, change }
}

/** The fingerprints that are other after these letters. */
export function snapshotsAfter(
  kind: RecordKind,
  letters: readonly InboxEntry[],
  known: ReadonlyMap<number, RecordSnapshot>,
  reading: RecordReadResult,
  digest: Digest,
): RecordSnapshot[] {
  const after = new Map<number, RecordSnapshot>()
  for (const { event, told } of letters) {
    if (event.action === 'delete') continue
    const before = after.get(event.recordId) ?? known.get(event.recordId)
    const read = reading.rows.get(event.recordId)
    const hash = read && stateTime(read) >= event.asOf ? contentHash(kind, read, digest) : null
    const next = snapshotAfter(before, event, told, hash)
    if (next !== before) after.set(event.recordId, next)
  }
  return [...after.values()]
}

/** Whether states must be kept: only changes are looked for by comparing. */
export const needsSnapshots = (listeners: readonly ActiveSubscription[]): boolean => listeners.some(({ happening }) => isChange(happening))
