import * as z from 'zod'
import { customTypes, fieldEntities } from '../state/fields.ts'
import { billingFrequencies } from '../state/records.ts'
import { EVENT_ACTIONS, EVENT_OBJECTS } from '../webhooks/webhook-rows.ts'
import { planNames } from './plans.ts'

/** More do not fit into the memory of a typical machine. */
export const MAX_GENERATED_DEALS = 1_000_000

function build() {
  const text = () => z.string().min(1)
  const about = <T extends z.ZodType>(type: T, description: string): T => type.describe(description)

  const ref = (kind: string) => about(z.union([text(), z.int().positive()]), `The ${kind}: its handle (\`as\`), its name, or its id.`)
  const handle = { as: about(text(), 'A handle by which other records refer to this one; needed when two have the same name.').optional() }
  const daysAgo = (what: string) => about(z.number(), `${what}, in days before the start: 1.5 is a day and a half ago.`)
  const daysAhead = (what: string) => about(z.int(), `${what}, in days from today: -1 is yesterday.`)
  const time = (what: string) => about(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/), `${what}, HH:MM.`)
  const labels = about(z.array(ref('label')), 'Labels, by their text.').optional()
  const custom = about(
    z.record(text(), z.unknown()),
    'Values of custom fields by name, handle or code. Options go by their label, users, persons and organizations by name; all else is written as in API v2.',
  ).optional()

  const owned = {
    ...handle,
    owner: about(ref('user who owns it'), 'The user who owns it; the first one by default.').optional(),
    visible: about(
      z.literal([1, 3, 5, 7]),
      "Who sees it, as in visible_to; everybody by default. The company's plan says which levels there are.",
    ).optional(),
    added: daysAgo('When it was created; 30 by default').optional(),
    followers: about(z.array(ref('user')), 'The users who follow it beside its owner.').optional(),
  }

  const option = z.union([text(), z.strictObject({ id: z.int().positive().optional(), label: text(), color: text().optional() })])
  const contacts = z.union([text(), z.array(z.union([text(), z.strictObject({ value: text(), label: text().optional() })]))])

  const user = z.strictObject({
    ...handle,
    id: z.int().positive().optional(),
    name: text(),
    email: text().optional(),
    key: about(text(), 'The API key that acts as this user. Each company needs at least one.').optional(),
    phone: text().optional(),
    locale: about(text(), 'As in en_GB.').optional(),
    zone: about(text(), 'As in Europe/Stockholm.').optional(),
    currency: text().optional(),
    admin: z.boolean().optional(),
    inactive: z.boolean().optional(),
    group: ref('visibility group').optional(),
    followers: about(z.array(ref('user')), 'The users who follow this one.').optional(),
  })

  const currency = z.strictObject({
    code: about(text(), 'The ISO code.'),
    name: text().optional(),
    symbol: text().optional(),
    decimals: z.int().min(0).optional(),
    inactive: z.boolean().optional(),
  })

  const stage = z.union([
    text(),
    z.strictObject({ ...handle, name: text(), probability: about(z.number().min(0).max(100), '100 by default.').optional() }),
  ])

  const field = z.strictObject({
    ...handle,
    of: about(z.enum(fieldEntities), 'The kind of record that has it; deal by default.').optional(),
    name: text(),
    type: z.enum(customTypes),
    description: z.string().optional(),
    options: about(z.array(option), 'For the types enum and set.').optional(),
    code: about(z.string().regex(/^[0-9a-f]{40}$/), 'What the API calls it; made of its name by default.').optional(),
  })

  const organization = z.strictObject({
    ...owned,
    name: text(),
    address: text().optional(),
    website: text().optional(),
    employees: z.int().optional(),
    labels,
    custom,
  })

  const person = z.strictObject({
    ...owned,
    name: text(),
    organization: ref('organization').optional(),
    emails: contacts.optional(),
    phones: contacts.optional(),
    labels,
    custom,
    deleted: daysAgo('When it was deleted').optional(),
  })

  const price = z.strictObject({
    price: z.number(),
    currency: text(),
    cost: z.number().optional(),
    direct_cost: z.number().optional(),
    notes: z.string().optional(),
  })
  const product = z.strictObject({
    ...owned,
    name: text(),
    code: text().optional(),
    description: z.string().optional(),
    unit: text().optional(),
    tax: z.number().optional(),
    category: ref('category').optional(),
    linkable: about(z.boolean(), 'Whether it can be added to deals; true by default.').optional(),
    prices: z.array(price).optional(),
    billing: z.enum(billingFrequencies).optional(),
    cycles: z.int().positive().optional(),
    custom,
    deleted: daysAgo('When it was deleted').optional(),
  })

  const line = z.strictObject({
    product: ref('product'),
    quantity: z.number().positive().optional(),
    price: about(z.number(), 'The price of one; the first price of the product by default.').optional(),
    discount: about(z.number().min(0), 'In per cent.').optional(),
    comments: z.string().optional(),
    billing: z.enum(billingFrequencies).optional(),
    cycles: z.int().positive().optional(),
    billingStart: about(z.iso.date(), 'When it is first billed, YYYY-MM-DD.').optional(),
  })

  const deal = z.strictObject({
    ...owned,
    title: text(),
    creator: about(ref('user who created it'), 'Who created it; its owner by default.').optional(),
    person: ref('person').optional(),
    organization: ref('organization').optional(),
    stage: about(ref('stage'), 'The stage: its name, `Pipeline / Stage`, its handle or its id. The first one by default.').optional(),
    value: z.number().optional(),
    currency: text().optional(),
    updated: daysAgo('When it was last changed').optional(),
    moved: daysAgo('When it came to its stage').optional(),
    won: daysAgo('When it was won').optional(),
    wonBefore: daysAgo('When it was won for the first time, if it was reopened since').optional(),
    lost: daysAgo('When it was lost').optional(),
    lostReason: z.string().optional(),
    probability: z.number().min(0).max(100).optional(),
    expected: daysAhead('When it is expected to close').optional(),
    labels,
    archived: daysAgo('When it was archived').optional(),
    deleted: daysAgo('When it was deleted').optional(),
    participants: about(z.array(ref('person')), 'Persons who take part beside `person`.').optional(),
    products: z.array(line).optional(),
    origin: about(text(), 'How it was created, as in WebForms; ManuallyCreated by default.').optional(),
    files: about(z.int().min(0), 'How many files it has.').optional(),
    emails: about(z.int().min(0), 'How many e-mails it has.').optional(),
    custom,
  })

  const activity = z.strictObject({
    subject: text(),
    type: about(ref('type'), 'The type: its key or its name. The first one by default.').optional(),
    owner: ref('user who owns it').optional(),
    creator: about(ref('user who created it'), 'Who created it; its owner by default.').optional(),
    deal: ref('deal').optional(),
    lead: ref('lead').optional(),
    person: ref('person').optional(),
    others: about(z.array(ref('person')), 'Persons who take part beside `person`.').optional(),
    organization: ref('organization').optional(),
    added: daysAgo('When it was created; 30 by default').optional(),
    due: daysAhead('When it is due').optional(),
    time: time('When it begins, UTC').optional(),
    duration: time('How long it takes').optional(),
    busy: z.boolean().optional(),
    done: daysAgo('When it was done').optional(),
    note: z.string().optional(),
    description: z.string().optional(),
    place: text().optional(),
    priority: z.int().optional(),
    attendee: about(text(), 'The e-mail address of a guest.').optional(),
    deleted: daysAgo('When it was deleted').optional(),
  })

  const lead = z.strictObject({
    ...owned,
    id: z.uuid().optional(),
    title: text(),
    person: ref('person').optional(),
    organization: ref('organization').optional(),
    value: z.number().optional(),
    currency: text().optional(),
    labels: about(z.array(ref('lead label')), 'Labels of leads, by name.').optional(),
    expected: daysAhead('When it is expected to close').optional(),
    source: text().optional(),
    archived: z.boolean().optional(),
    seen: z.boolean().optional(),
  })

  const note = z.strictObject({
    content: text(),
    user: about(ref('user who wrote it'), 'Who wrote it; the first user by default.').optional(),
    added: daysAgo('When it was written; 30 by default').optional(),
    deal: ref('deal').optional(),
    lead: ref('lead').optional(),
    person: ref('person').optional(),
    organization: ref('organization').optional(),
    pinned: about(z.array(z.enum(['deal', 'lead', 'organization', 'person'])), 'What it is pinned to.').optional(),
  })

  const webhook = z.strictObject({
    url: text(),
    action: about(z.enum(EVENT_ACTIONS), '`*`, every action, by default.').optional(),
    object: about(z.enum(EVENT_OBJECTS), '`*`, every object, by default.').optional(),
    name: text().optional(),
    user: about(ref('user'), 'Who made it, and whose permissions filter its events; the first user by default.').optional(),
    login: text().optional(),
    password: text().optional(),
  })

  const company = z.strictObject({
    id: z.int().positive().optional(),
    name: text(),
    domain: about(text(), 'As in <domain>.pipedrive.com; made of the name by default.').optional(),
    country: about(text(), 'As in SE; US by default.').optional(),
    language: about(text(), 'As in en.').optional(),
    plan: about(z.enum(planNames), 'What it may call, and which levels of visibility it has; Growth by default.').optional(),
    visibility: about(
      z.record(text(), text()),
      "What the company calls its plan's levels of visibility: `{ 1: Besitzer, 7: Gesamtes Unternehmen }`; English by default.",
    ).optional(),
    groups: about(
      z.array(z.union([text(), z.strictObject({ ...handle, name: text(), parent: ref('group above').optional() })])),
      'Visibility groups.',
    ).optional(),
    users: z.array(user).min(1),
    currencies: about(
      z.array(z.union([text(), currency])).min(1),
      'ISO codes; the first one is that of deals and users that do not say theirs.',
    ).optional(),
    activityTypes: about(
      z.array(z.union([text(), z.strictObject({ key: text().optional(), name: text(), inactive: z.boolean().optional() })])),
      "Types whose key is none of Pipedrive's are the company's own.",
    ).optional(),
    labels: z
      .strictObject({ deal: z.array(option).optional(), person: z.array(option).optional(), organization: z.array(option).optional() })
      .optional(),
    fields: about(z.array(field), 'Custom fields.').optional(),
    categories: about(z.array(option), 'Categories of products.').optional(),
    pipelines: z
      .array(z.strictObject({ name: text(), withProbability: z.boolean().optional(), stages: z.array(stage).min(1) }))
      .min(1)
      .optional(),
    organizations: z.array(organization).optional(),
    persons: z.array(person).optional(),
    products: z.array(product).optional(),
    deals: z.array(deal).optional(),
    leadLabels: z
      .array(z.union([text(), z.strictObject({ ...handle, id: z.uuid().optional(), name: text(), color: text().optional() })]))
      .optional(),
    leads: z.array(lead).optional(),
    activities: z.array(activity).optional(),
    notes: z.array(note).optional(),
    webhooks: z.array(webhook).optional(),
  })

  const generate = z.strictObject({
    deals: about(z.int().min(1).max(MAX_GENERATED_DEALS), 'How many deals; persons, organizations and activities come in proportion.'),
    random: about(z.int(), 'The same number always generates the same records; 1 by default.').optional(),
  })

  return z.strictObject({
    $schema: z.string().optional(),
    companies: about(z.array(company).min(1), 'Without it, the two companies that every sandbox has.').optional(),
    generate: about(generate, 'Fills the first company with records that a number decides on.').optional(),
  })
}

let built: ReturnType<typeof build> | undefined
/** The schema of a seed file, built on demand: a sandbox without a seed starts faster. */
export const seedSchema = () => (built ??= build())

/** A SeedFile is the content of a seed file. */
export type SeedFile = z.input<ReturnType<typeof build>>
export type CompanyFile = NonNullable<SeedFile['companies']>[number]
