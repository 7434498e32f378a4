import { beforeAll, describe, expect, test } from 'vitest'
import { catalog } from '../../src/catalog/index.ts'
import { BODY_METHODS, type Action } from '../../src/catalog/define.ts'
import type { ObjectField } from '../../src/catalog/fields/object-field.ts'
import { nameBeside, type CatalogObject } from '../../src/catalog/objects/define-object.ts'
import type { Verb } from '../../src/catalog/objects/object-words.ts'
import { resources, type Resource } from '../../src/pipedrive/resources.ts'
import { ALICE, createWorld, type Reply, type Row, type WireError, type World } from '../contract/world.ts'
import { findSeedRecords, type SeedRecords } from '../contract/seed-records.ts'

/** A Sample is what a caller sends for a field, what Pipedrive gets, and what answers show. */
export interface Sample {
  sent: unknown
  /** In Pipedrive's body; what was sent, if it is absent. */
  written?: unknown
  /** In the answer; what was written, if it is absent. */
  shown?: unknown
}

/** An ObjectSuite is what a test file says about its object beyond the table. */
export interface ObjectSuite {
  object: CatalogObject
  /** Of fields whose word does not say enough. */
  samples?: (seed: SeedRecords) => Record<string, Sample>
  /** A field that Pipedrive takes only beside others. */
  beside?: Record<string, Row>
  /** What every create needs beyond the required fields. */
  always?: (seed: SeedRecords) => Row
  /** Ids of the parent, in the path. */
  parents?: (seed: SeedRecords, world: World) => Promise<Row>
  /** Fields that Pipedrive changes when others change. */
  effects?: readonly string[]
}

/** The sandbox's fields of contact sync, and others that a switch decides, are on. */
const BEHAVIOUR = { contactSync: 'on' } as const

const OTHER: Record<string, (seed: SeedRecords) => unknown> = {
  user: ({ colleague }) => colleague,
  person: ({ person }) => person,
  organization: ({ organization }) => organization,
  deal: ({ deal }) => deal,
  stage: ({ stage }) => stage,
}

/** What a word takes. */
function sampleOf(name: string, field: ObjectField, seed: SeedRecords): Sample {
  if (field.link) return { sent: OTHER[field.link]!(seed) }
  const meta = field.input!.meta() ?? {}
  const words = meta['enum'] as string[] | undefined
  if (name === 'visible_to') return { sent: 'Entire company', written: 3, shown: 3 }
  if (words) return { sent: words[0] }
  for (const value of [`Sample ${name}`, '2026-12-24', '09:30', 42, true]) {
    const type = typeof value === 'number' ? ['integer', 'number'] : [typeof value]
    if (meta['type'] !== undefined && !type.includes(meta['type'] as string)) continue
    if (field.input!.safeParse(value).success) return { sent: value }
  }
  throw new Error(`${name} needs a sample in the test file of its object`)
}

/** Every operation of an object, against the sandbox, from its table. */
export function describeObject(suite: ObjectSuite): void {
  const {
    object,
    samples = (): Record<string, Sample> => ({}),
    beside = {},
    always = () => ({}),
    parents = (): Promise<Row> => Promise.resolve({}),
    effects = [],
  } = suite
  const { name, noun, plural, fields, operations, parent, ids } = object
  let world: World
  let seed: SeedRecords
  /** The ids of the parent. */
  let above: Row = {}
  beforeAll(async () => {
    world = await createWorld({ config: { callsPerMinute: 10_000 }, behaviour: BEHAVIOUR })
    seed = await findSeedRecords(world)
    above = await parents(seed, world)
  })
  const resource: Resource = resources[name]
  const placed = (path: string) => path.replace(/\{(\w+)\}/g, (_, key: string) => String(above[key]))
  const upstreamRows = async () => (await world.pipedrive('GET', placed(resource.list ?? resource.path))) as unknown as Row[]
  const actionOf = (verb: Verb): Action => {
    const found = catalog.find((o): o is Action => o.kind === 'action' && o.derivedFrom?.object === name && o.derivedFrom.verb === verb)
    if (!found) throw new Error(`${name} has no ${verb}`)
    return found
  }
  const call = async <B = Row>(verb: Verb, input: Row = {}): Promise<Reply<B>> => {
    const action = actionOf(verb)
    const reply = await callAction<B>(world, action, { ...above, ...input })
    // Typed clients rely on the definition.
    if (reply.status === 200 && !('nulls' in input)) expect([verb, action.output.safeParse(reply.body).error]).toEqual([verb, undefined])
    return reply
  }
  const sampleFor = (field: string): Sample => samples(seed)[field] ?? sampleOf(field, fields[field]!, seed)
  const written = ({ sent, ...sample }: Sample) => ('written' in sample ? sample.written : sent)
  const shown = (sample: Sample) => ('shown' in sample ? sample.shown : written(sample))
  const writable = Object.entries(fields).filter(([, { input }]) => input !== undefined)
  const required = writable.filter(([, field]) => field.required).map(([field]) => field)
  const least = (): Row => ({ ...always(seed), ...Object.fromEntries(required.map((field) => [field, sampleFor(field).sent])) })
  const missingId = ids === 'uuid' ? '9b3f3ac0-0000-4000-8000-000000000000' : 987_654
  const make = async (more: Row = {}): Promise<Row> => {
    const { status, body, text } = await call('create', { ...least(), ...more })
    expect([status, text]).toEqual([200, text])
    return body
  }
  const inPipedrive = async (id: unknown): Promise<Row> =>
    parent || !operations.includes('get')
      ? (await upstreamRows()).find((row) => row['id'] === id)!
      : world.pipedrive('GET', `${resource.path}/${String(id)}`)
  const having = (...verbs: Verb[]) => (verbs.every((verb) => operations.includes(verb)) ? describe : describe.skip)

  describe(noun, () => {
    having('get')('get', () => {
      test('answers every field of the table, with the names of what it points at', async () => {
        const rows = await upstreamRows()
        const { status, body } = await call('get', { id: rows[0]!['id'] })
        expect(status).toBe(200)
        const names = Object.entries(fields).flatMap(([field, { output, link }]) =>
          output === undefined ? [] : link ? [field, nameBeside(field)] : [field],
        )
        expect(Object.keys(body)).toEqual(['id', ...names, ...(object.customFields ? ['custom_fields'] : [])])
        for (const [field, { link }] of Object.entries(fields))
          if (link && body[field] !== null)
            expect([nameBeside(field), typeof body[nameBeside(field)]]).toEqual([nameBeside(field), 'string'])
      })
      test('refuses what is no id, names the field, and costs no token', async () => {
        world.takeRequests()
        for (const id of ['abc', '0', '-1', '1.5', ids === 'uuid' ? '12' : '9b3f3ac0-0000-4000-8000-000000000000']) {
          const { status, body } = await call<WireError>('get', { id })
          expect([id, status, body.details.map(({ field }) => field)]).toEqual([id, 400, ['id']])
        }
        expect(world.takeRequests()).toEqual([])
      })
      test('answers 404 for a record that does not exist', async () => {
        const { status, body } = await call<WireError>('get', { id: missingId })
        expect([status, body.code]).toEqual([404, 'NotFound'])
      })
    })

    having('create')('create', () => {
      test.each(writable.filter(([, { updateOnly }]) => !updateOnly).map(([field]) => field))(
        'writes %s, and answers it',
        async (field) => {
          const sample = sampleFor(field)
          world.takeRequests()
          const body = await make({ ...beside[field], [field]: sample.sent })
          const sent = world.takeRequests().find(({ method }) => method === 'POST')!
          const to = object.writable[field]!.to
          if (fields[field]!.primaryOf === undefined && !object.prepare) expect(sent.body![to]).toEqual(written(sample))
          if (fields[field]!.output) expect([field, body[field]]).toEqual([field, shown(sample)])
        },
      )
      test.runIf(operations.includes('get'))('answers what a later get answers', async () => {
        const created = await make()
        const { body } = await call('get', { id: created.id })
        expect(body).toEqual(created)
      })
      test('refuses an unknown field with the nearest name, and writes nothing', async () => {
        const near = `${writable[0]![0]}x`
        world.takeRequests()
        const { status, body } = await call<WireError>('create', { ...least(), [near]: 'x' })
        expect([status, body.details[0]!.field]).toEqual([400, near])
        expect(body.details[0]!.message).toContain(`did you mean "${writable[0]![0]}"`)
        expect(world.takeRequests()).toEqual([])
      })
      test.each(required)('needs %s', async (field) => {
        const { status, body } = await call<WireError>('create', { ...least(), [field]: undefined })
        expect([status, body.details.map((detail) => detail.field)]).toEqual([400, [field]])
      })
    })

    having('create', 'update')('update', () => {
      test.each(writable.map(([field]) => field))('changes %s and nothing else', async (field) => {
        const { id } = await make()
        const before = await inPipedrive(id)
        world.takeRequests()
        const sample = sampleFor(field)
        const { status, body, text } = await call('update', { id, ...beside[field], [field]: sample.sent })
        expect([status, text]).toEqual([200, text])
        const [write] = world.takeWrites()
        const to = object.writable[field]!.to
        expect(Object.keys(write!.body!).every((key) => key === to || key in { ...beside[field] } || effects.includes(key))).toBe(true)
        if (fields[field]!.output) expect([field, body[field]]).toEqual([field, shown(sample)])
        const after = await inPipedrive(id)
        const others = Object.keys(before).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
        expect(others.filter((key) => key !== to && !(key in { ...beside[field] }) && !EFFECTS.has(key) && !effects.includes(key))).toEqual(
          [],
        )
      })
      const clearable = writable
        .filter(([, { clear, primaryOf }]) => clear !== undefined && primaryOf === undefined)
        .map(([field]) => field)
      test.each(clearable)('clears %s by clear_fields', async (field) => {
        const { id } = await make({ ...beside[field], [field]: sampleFor(field).sent })
        const { status, body, text } = await call('update', { id, clear_fields: [field] })
        expect([status, text]).toEqual([200, text])
        const value = body[field]
        expect([field, value === null || value === '' || (Array.isArray(value) && value.length === 0)]).toEqual([field, true])
      })
      test('refuses a change that says nothing', async () => {
        const { id } = await make()
        world.takeRequests()
        expect((await call('update', { id })).status).toBe(400)
        expect(world.takeRequests()).toEqual([])
      })
    })

    having('create', 'delete')('delete', () => {
      test('deletes once, and says so the second time', async () => {
        const { id } = await make()
        expect((await call('delete', { id })).body).toEqual({ id, deleted: true })
        const second = await call('delete', { id })
        expect([second.status, second.body['id']]).toEqual([200, id])
      })
      test('says that there is nothing to delete', async () => {
        expect((await call('delete', { id: missingId })).body).toEqual({ id: missingId, deleted: false })
      })
    })

    having('list')('list', () => {
      test.runIf(!resource.wholeList)('pages with its own cursor, and refuses that of another list', async () => {
        const first = await call<Page>('list', { limit: 1 })
        expect([first.status, first.body.data.length]).toEqual([200, 1])
        if (first.body.has_more) {
          const second = await call<Page>('list', { limit: 1, cursor: first.body.next_cursor })
          expect(second.body.data[0]!['id']).not.toBe(first.body.data[0]!['id'])
          const other = plural === 'persons' ? 'organizations' : 'persons'
          const refused = await world.http<WireError>(`/v2/${other}?cursor=${first.body.next_cursor}`, { headers: { 'x-api-key': ALICE } })
          expect([refused.status, refused.body.details[0]!.message]).toEqual([400, expect.stringContaining(plural)])
        }
        expect((await call('list', { cursor: 'nonsense' })).status).toBe(400)
      })
      const filters = Object.entries(fields).filter(([, { filter }]) => filter)
      test.each(filters.map(([field]) => field))('is narrowed by %s', async (field) => {
        const { sent } = sampleFor(field)
        world.takeRequests()
        const { status, text } = await call('list', { [field]: sent })
        expect([status, text]).toEqual([200, text])
        expect(world.takeRequests()[0]!.query[field]).toBe(String(sent))
      })
      test('leaves out empty fields on request', async () => {
        const { body } = await call<Page>('list', { limit: 5, nulls: 'omit' })
        expect(body.data.flatMap((row) => Object.values(row)).includes(null)).toBe(false)
      })
    })

    having(
      'find',
      'findOrCreate',
      'createOrUpdate',
    )('find', () => {
      const title = (): string => required.find((field) => ['name', 'title'].includes(field))!
      test('is no error if there is none, and tells how many there are', async () => {
        const value = `Twice ${noun}`
        expect((await call('find', { find_by: title(), value })).body).toEqual({ found: false, count: 0, record: null })
        const { id } = await make({ [title()]: value })
        const got = (await call('get', { id })).body
        expect((await call('find', { find_by: title(), value: value.toUpperCase() })).body).toEqual({ found: true, count: 1, record: got })
        await make({ [title()]: value })
        expect((await call('find', { find_by: title(), value })).body).toEqual({ found: true, count: 2, record: null })
        expect((await call('find', { find_by: title(), value, on_several: 'oldest' })).body).toMatchObject({ count: 2, record: { id } })
        const several = await call<WireError>('findOrCreate', { ...least(), find_by: title(), [title()]: value })
        expect([several.status, several.body.code]).toEqual([409, 'Ambiguous'])
      })
      test('or create makes one record of many calls', async () => {
        const input = { ...least(), find_by: title(), [title()]: `Once ${noun}` }
        const replies = await Promise.all(Array.from({ length: 5 }, () => call<Row & { record: Row }>('findOrCreate', input)))
        expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
        expect(new Set(replies.map(({ body }) => body.record['id'])).size).toBe(1)
        expect(replies.filter(({ body }) => body['created'] === true)).toHaveLength(1)
      })
      test('or create refuses a field that no record is found by, with the nearest', async () => {
        world.takeRequests()
        const { status, body } = await call<WireError>('findOrCreate', { ...least(), find_by: `${title()}x` })
        expect([status, body.details[0]!.field]).toEqual([400, 'find_by'])
        expect(body.details[0]!.message).toContain(`did you mean "${title()}"`)
        expect(world.takeRequests().filter(({ path }) => !path.endsWith('Fields'))).toEqual([])
      })
      test('create or update says what it did, and writes nothing that is there already', async () => {
        const input = { ...least(), find_by: title(), [title()]: `Changed ${noun}` }
        const first = await call<Row & { record: Row }>('createOrUpdate', input)
        expect([first.status, first.body['outcome']]).toEqual([200, 'created'])
        const again = await call<Row & { record: Row }>('createOrUpdate', input)
        expect([again.body['outcome'], again.body.record['id']]).toEqual(['unchanged', first.body.record['id']])
        const other = writable.find(
          ([field, { input: type }]) => !(field in input) && type?.meta()?.['type'] === 'string' && fields[field]!.clear !== undefined,
        )
        if (!other) return
        const { sent } = sampleFor(other[0])
        const changed = await call<Row & { record: Row }>('createOrUpdate', { ...input, ...beside[other[0]], [other[0]]: sent })
        expect([changed.body['outcome'], changed.body.record[other[0]]]).toEqual(['updated', shown(sampleFor(other[0]))])
        world.takeRequests()
        const kept = await call<Row & { record: Row }>('createOrUpdate', { ...input, only_empty: true, [other[0]]: sent })
        expect([kept.body['outcome'], world.takeWrites()]).toEqual(['unchanged', []])
      })
    })

    having('search', 'create')('search', () => {
      test('finds a record by its title, and answers all of it', async () => {
        const title = required.find((field) => ['name', 'title', 'subject'].includes(field))!
        const { id } = await make({ [title]: `Unmistakable ${noun}` })
        const { status, body } = await call<Page>('search', { term: `Unmistakable ${noun}` })
        expect([status, body.data.map((row) => row['id'])]).toEqual([200, [id]])
        const got = await call('get', { id })
        expect(body.data[0]).toEqual(got.body)
      })
    })
  })
}

interface Page extends Row {
  data: Row[]
  next_cursor: string | null
  has_more: boolean
}

/** Fields that Pipedrive changes by itself. */
const EFFECTS: ReadonlySet<string> = new Set([
  'update_time',
  'first_name',
  'last_name',
  'name',
  'stage_change_time',
  'pipeline_id',
  'label_ids',
])

/** Calls any action as a client does. */
export function callAction<B = Row>(world: World, { path, method }: Action, input: Row): Promise<Reply<B>> {
  const inPath = Object.keys(input).filter((key) => path.includes(`{${key}}`))
  const at = inPath.reduce((so, key) => so.replace(`{${key}}`, encodeURIComponent(String(input[key]))), path)
  const rest = Object.fromEntries(Object.entries(input).filter(([key]) => !inPath.includes(key)))
  const headers = { 'x-api-key': ALICE, 'content-type': 'application/json' }
  if (BODY_METHODS.has(method)) return world.http<B>(at, { method, headers, body: JSON.stringify(rest) })
  const query = new URLSearchParams(Object.entries(rest).map(([key, value]) => [key, String(value)]))
  return world.http<B>(`${at}?${query}`, { method, headers })
}
