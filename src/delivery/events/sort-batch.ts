import type { Happening, RecordKind, RecordRow } from '../../catalog/records/record-kind.ts'
import type { Names } from '../../pipedrive/pipedrive.ts'
import type { OpenAccount } from '../accounts.ts'
import type { DeliveryParts, Source } from '../parts.ts'
import { decideHappenings, type Told } from './decide-happenings.ts'
import { decideRecording, type Sought } from './decide-recording.ts'
import { contentHash, fingerprintAfter, saidBy, stateMoment, type Digest, type Fingerprint } from './fingerprint.ts'
import { identityOf, twinOf, type FoundEvent } from './found-event.ts'
import { filteredOf, wants, type Listener } from './listeners.ts'
import { isChange } from './kinds.ts'
import { tellAll, type Teller, type Telling } from './payload.ts'
import { readWebhook, type WebhookEvent } from './read-webhook.ts'
import type { Reading } from './read-records.ts'
import { loadRecorded } from './record-events.ts'

/** A Letter is one row of the inbox, read. */
export interface Letter {
  inboxId: number
  tries: number
  event: WebhookEvent
  told: Told
  /** What it says that somebody wants to hear. */
  sought: (Sought & Pick<FoundEvent, 'filtered'>)[]
}

/** Reads one row of the inbox. Undefined when nothing can be made of it. */
export function openLetter(
  kind: RecordKind,
  source: Source,
  { id, body, tries }: { id: number; body: Readonly<Record<string, unknown>>; tries: number },
  wanted: ReadonlySet<Happening>,
  digest: Digest,
): Letter | undefined {
  const read = readLetter(kind, source, body)
  if (!read) return undefined
  const { event, told } = read
  const filtered = filteredOf(kind, told.after)
  const { recordId, asOf, toldAt } = event
  const sought = told.happenings
    .filter((happening) => wanted.has(happening))
    .map((happening) => ({
      recordId,
      happening,
      identity: identityOf(source.id, recordId, happening, event.metaId),
      twin: twinOf(source.id, happening, event, digest),
      origin: 'webhook' as const,
      asOf,
      toldAt,
      filtered,
    }))
  return { inboxId: id, tries, event, told, sought }
}

/** What a body says was not looked at before: it may be of other types than Pipedrive documents. */
function readLetter(kind: RecordKind, source: Source, body: Readonly<Record<string, unknown>>): Pick<Letter, 'event' | 'told'> | undefined {
  try {
    const event = readWebhook(body, source.kind)
    return { event, told: decideHappenings(kind, event) }
  } catch {
    return undefined
  }
}

/** In the order in which Pipedrive wrote them, as far as it says. */
export const inOrder = (letters: readonly Letter[]): Letter[] =>
  letters.toSorted((a, b) => a.event.toldAt.getTime() - b.event.toldAt.getTime() || a.inboxId - b.inboxId)

/** A Plan is which letters somebody gets to hear of, and which records must be read for them. */
export interface Plan {
  heard: ReadonlySet<Letter>
  ids: readonly number[]
}

/** Heard is what was not told yet and passes a filter. A record that is deleted is told as it was, and not read. */
export async function planReading(
  { store }: Pick<DeliveryParts, 'store'>,
  source: Source,
  letters: readonly Letter[],
  listeners: readonly Listener[],
): Promise<Plan> {
  const found = letters.flatMap((letter) => letter.sought.map((sought) => ({ ...sought, letter })))
  const isHeard = (event: Letter['sought'][number]) => listeners.some((listener) => wants(listener, event))
  if (!found.some(isHeard)) return { heard: new Set(), ids: [] }
  // All of them are looked up: one that nobody hears may be what a reconciliation has told.
  const { news, absorbed } = decideRecording(found, await loadRecorded(store.db, source.id, found))
  // What lists have told to nobody, somebody may want as it was.
  const unheard = absorbed.filter(({ heard }) => !heard).map(({ event }) => event)
  const heard = new Set([...news, ...unheard].filter(isHeard).map(({ letter }) => letter))
  return { heard, ids: [...new Set([...heard].filter(({ event }) => event.action !== 'delete').map(({ event }) => event.recordId))] }
}

/** What the letters say, as events with payloads. Names are asked for where somebody gets to see them. */
export async function eventsOf(
  { logger }: Pick<DeliveryParts, 'logger'>,
  kind: RecordKind,
  letters: readonly Letter[],
  heard: ReadonlySet<Letter>,
  reading: Reading,
  account: OpenAccount | undefined,
): Promise<{ letter: Letter; event: FoundEvent }[]> {
  const telling = letters.filter(({ sought }) => sought.length > 0)
  const tell = async (some: readonly Letter[], names: Names | undefined): Promise<[Letter, Teller][]> => {
    const tellings = some.map(({ event, told }) => tellingOf(event, told, reading.rows.get(event.recordId)))
    const tellers = await tellAll(kind, tellings, names, logger)
    return some.map((letter, at) => [letter, tellers[at]!])
  }
  const tellers = new Map([
    ...(await tell(
      telling.filter((letter) => heard.has(letter)),
      account?.names,
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
function tellingOf({ action, data, asOf }: WebhookEvent, { after, before }: Told, read: RecordRow | undefined): Telling {
  const change = before && { before, after, said: new Set(Object.keys(after)) }
  if (!read || action === 'delete') return { row: after, change }
  if (stateMoment(read) >= asOf) return { row: read, change }
  const said = Object.fromEntries(Object.entries(saidBy(after, data ?? {})).filter(([name]) => name !== 'custom_fields'))
  return { row: { ...read, ...said }, change }
}

/** The fingerprints that are other after these letters. */
export function fingerprintsAfter(
  kind: RecordKind,
  letters: readonly Letter[],
  known: ReadonlyMap<number, Fingerprint>,
  reading: Reading,
  digest: Digest,
): Fingerprint[] {
  const after = new Map<number, Fingerprint>()
  for (const { event, told } of letters) {
    if (event.action === 'delete') continue
    const before = after.get(event.recordId) ?? known.get(event.recordId)
    const read = reading.rows.get(event.recordId)
    const hash = read && stateMoment(read) >= event.asOf ? contentHash(kind, read, digest) : null
    const next = fingerprintAfter(before, event, told, hash)
    if (next !== before) after.set(event.recordId, next)
  }
  return [...after.values()]
}

/** Whether states must be kept: only changes are looked for by comparing. */
export const needsFingerprints = (listeners: readonly Listener[]): boolean => listeners.some(({ happening }) => isChange(happening))
