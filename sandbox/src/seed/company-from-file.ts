import { createHash } from 'node:crypto'
import type { CustomValues, Option } from '../state/records.ts'
import type { FieldEntity } from '../state/fields.ts'
import { zoneNamed } from '../state/time-zones.ts'
import { createResolver, type Resolver, type Referable } from './resolver.ts'
import { activityTypeSeed, currencyCode, currencySeed, slug, longForm, STANDARD_ACTIVITY_TYPES } from './shorthand.ts'
import { plans } from './plans.ts'
import type { CompanySeed, CustomFieldSeed, DealProductSeed, UserSeed } from './company-seed.ts'
import type { CompanyFile } from './seed-schema.ts'

const FIRST_COMPANY_ID = 10_000_001
const FIRST_USER_ID = 20_000_001
/** Companies have their users' ids to themselves. */
const USERS_APART = 10_000
const ADDED_DAYS_AGO = 30
const CURRENCIES = ['EUR', 'USD', 'GBP']
const STAGES = ['Qualified', 'Contact made', 'Demo scheduled', 'Proposal made', 'Negotiations started']

type ReportProblem = (path: string, text: string) => void
type OptionFile = NonNullable<CompanyFile['categories']>[number]

const hash = (...parts: (string | number)[]): string => createHash('sha1').update(parts.join('\n')).digest('hex')
const uuid = (...parts: (string | number)[]): string =>
  hash(...parts).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, (_, ...[a, b, c, d, e]: string[]) => `${a}-${b}-4${c}-8${d}-${e}`)

/** Leaves out what is undefined, so that defaults are chosen in one place only. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }
const defined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>

/** The ids of options are unique in their company. */
function optionIds(): (options: readonly OptionFile[] | undefined) => Option[] {
  let last = 0
  return (options = []) =>
    options.map((option) => {
      const { id, ...rest } = typeof option === 'string' ? { label: option, id: undefined } : option
      last = Math.max(last + 1, id ?? 0)
      return { id: id ?? last, ...defined(rest) }
    })
}

const named = (all: readonly { as?: string | undefined; name?: string; title?: string }[] = []): Referable[] =>
  all.map(({ as, name, title }, at) => ({ id: at + 1, as, names: [name ?? title ?? ''] }))
const options = (all: readonly Option[]): Referable[] => all.map(({ id, label }) => ({ id, names: [label] }))

const contacts = (given: NonNullable<CompanyFile['persons']>[number]['emails']): [value: string, label?: string][] =>
  (given === undefined ? [] : typeof given === 'string' ? [given] : given).map((contact) =>
    typeof contact === 'string' ? [contact] : contact.label === undefined ? [contact.value] : [contact.value, contact.label],
  )

/** Turns one company of a seed file into what is planted. Problems go to `wrong`, with the path in the file. */
export function companyFromFile(file: CompanyFile, at: number, wrong: ReportProblem): CompanySeed {
  const id = file.id ?? FIRST_COMPANY_ID + at
  const path = `companies[${at}]`
  const find = <I extends string | number = number>(kind: string, all: readonly Referable<I>[]): Resolver<I> => createResolver(kind, all, wrong)
  /** The ids behind several references; those that find nothing have been told. */
  const all = <I extends string | number>(findOne: Resolver<I>, references: readonly (string | number)[] | undefined, where: string): I[] =>
    (references ?? []).flatMap((reference, index) => findOne(reference, `${where}[${index}]`) ?? [])
  const each = <T, S>(list: readonly T[] | undefined, name: string, make: (item: T, where: string, index: number) => S): S[] =>
    (list ?? []).map((item, index) => make(item, `${path}.${name}[${index}]`, index))
  const toOptions = optionIds()

  const groupFiles = (file.groups ?? ['Default visibility group']).map(longForm)
  const group = find('visibility group', named(groupFiles))
  const currencies = file.currencies ?? CURRENCIES
  const userIds = file.users.map(({ id: own }, index) => own ?? FIRST_USER_ID + at * USERS_APART + index)
  const user = find(
    'user',
    file.users.map(({ as, name, email }, index) => ({ id: userIds[index]!, as, names: email === undefined ? [name] : [name, email] })),
  )
  const first = userIds[0]!
  const users = each(file.users, 'users', (it, where, index): UserSeed => ({
    ...defined({ key: it.key, phone: it.phone }),
    ...(it.admin && { admin: true }),
    ...(it.inactive && { inactive: true }),
    id: userIds[index]!,
    name: it.name,
    email: it.email ?? `${slug(it.name)}@${file.domain ?? slug(file.name)}.example`,
    locale: it.locale ?? 'en_US',
    zone: it.zone ?? 'Etc/UTC',
    currency: it.currency ?? currencyCode(currencies[0]!),
    group: group(it.group ?? 1, `${where}.group`) ?? 1,
    followers: all(user, it.followers, `${where}.followers`),
  }))
  if (!users.some(({ key }) => key !== undefined)) wrong(`${path}.users`, 'nobody has a key: give one to at least one user')

  const plan = plans[file.plan ?? 'Growth']
  for (const level of Object.keys(file.visibility ?? {}))
    if (!(level in plan.visibility)) wrong(`${path}.visibility`, `the plan ${plan.name} has no level ${level}`)

  const pipelineFiles = file.pipelines ?? [{ name: 'Sales', stages: STAGES }]
  let stageId = 0
  const stage = find(
    'stage',
    pipelineFiles.flatMap((pipeline) =>
      pipeline.stages.map((it) => {
        const { as, name } = longForm(it)
        return { id: ++stageId, as, names: [name, `${pipeline.name} / ${name}`] }
      }),
    ),
  )
  const labels = {
    deal: toOptions(file.labels?.deal),
    person: toOptions(file.labels?.person),
    organization: toOptions(file.labels?.organization),
  }
  const labelsOf = (entity: keyof typeof labels) => find(`label of a ${entity}`, options(labels[entity]))
  const categories = toOptions(file.categories)
  const category = find('category', options(categories))
  const activityTypes = (file.activityTypes ?? STANDARD_ACTIVITY_TYPES).map(activityTypeSeed)
  const type = find(
    'type of activity',
    activityTypes.map(({ key, name }) => ({ id: key, names: [name] })),
  )
  const [organization, person, product, deal] = [
    find('organization', named(file.organizations)),
    find('person', named(file.persons)),
    find('product', named(file.products)),
    find('deal', named(file.deals)),
  ]
  const leadIds = (file.leads ?? []).map((it, index) => it.id ?? uuid(id, 'lead', index))
  const lead = find(
    'lead',
    (file.leads ?? []).map(({ as, title }, index) => ({ id: leadIds[index]!, as, names: [title] })),
  )
  const leadLabelFiles = (file.leadLabels ?? []).map(longForm)
  const leadLabels = leadLabelFiles.map(({ id: own, name, color = 'blue' }) => ({ id: own ?? uuid(id, 'lead label', name), name, color }))
  const leadLabel = find(
    'lead label',
    leadLabels.map(({ id: own, name }, index) => ({ id: own, as: leadLabelFiles[index]!.as, names: [name] })),
  )

  const customFields = each(file.fields, 'fields', (it): CustomFieldSeed => ({
    ...defined({ description: it.description }),
    ...(it.options && { options: toOptions(it.options) }),
    entity: it.of ?? 'deal',
    code: it.code ?? hash(id, it.of ?? 'deal', it.name),
    name: it.name,
    type: it.type,
  }))
  /** The ids of time zones are the sandbox's own, so that a seed names the zone alone. */
  function zoned(value: unknown, where: string): unknown {
    if (typeof value !== 'object' || value === null || !('timezone_name' in value) || 'timezone_id' in value) return value
    const { timezone_name, ...rest } = value
    const zone = zoneNamed(String(timezone_name))
    if (!zone) wrong(`${where}.timezone_name`, `there is no time zone ${JSON.stringify(timezone_name)}`)
    return { ...rest, ...zone }
  }
  /** Values are written as in the API, save that people would rather not look ids up. */
  function valueOf({ type: kind, options: own = [] }: CustomFieldSeed, value: unknown, where: string): unknown {
    const one = (findOne: Resolver) => (typeof value === 'string' || typeof value === 'number' ? (findOne(value, where) ?? null) : value)
    switch (kind) {
      case 'enum':
        return one(find('option', options(own)))
      case 'set':
        return Array.isArray(value) ? all(find('option', options(own)), value as string[], where) : value
      case 'time':
      case 'timerange':
        return zoned(value, where)
      case 'user':
        return one(user)
      case 'people':
        return one(person)
      case 'org':
        return one(organization)
      default:
        return value
    }
  }
  function custom(entity: FieldEntity, values: Record<string, unknown> | undefined, where: string): { custom?: CustomValues } {
    if (!values) return {}
    const mine = customFields.flatMap((field, index) => (field.entity === entity ? [{ field, as: file.fields![index]!.as }] : []))
    const code = find(
      `custom field of a ${entity}`,
      mine.map(({ field, as }) => ({ id: field.code, as, names: [field.name] })),
    )
    return {
      custom: Object.fromEntries(
        Object.entries(values).flatMap(([name, value]) => {
          const field = mine.find((it) => it.field.code === code(name, `${where}.custom`))?.field
          return field ? [[field.code, valueOf(field, value, `${where}.custom.${name}`)]] : []
        }),
      ),
    }
  }
  const owned = (
    it:
      | NonNullable<CompanyFile['organizations']>[number]
      | NonNullable<CompanyFile['deals']>[number]
      | NonNullable<CompanyFile['leads']>[number],
    where: string,
  ) => ({
    ...defined({ visible: it.visible }),
    owner: user(it.owner, `${where}.owner`) ?? first,
    added: it.added ?? ADDED_DAYS_AGO,
    followers: all(user, it.followers, `${where}.followers`),
  })

  return {
    id,
    name: file.name,
    domain: file.domain ?? slug(file.name),
    country: file.country ?? 'US',
    language: file.language ?? 'en',
    plan: { ...plan, visibility: { ...plan.visibility, ...file.visibility } },
    groups: groupFiles.map(({ name, parent }, index) => ({
      id: index + 1,
      name,
      parent_id: group(parent, `${path}.groups[${index}].parent`) ?? null,
    })),
    users,
    activityTypes,
    currencies: currencies.map((currency, index) => currencySeed(currency, (text) => wrong(`${path}.currencies[${index}]`, text))),
    labels,
    customFields,
    categories,
    pipelines: pipelineFiles.map(({ name, withProbability, stages }) => ({
      name,
      ...(withProbability && { withProbability: true }),
      stages: stages.map(longForm).map(({ name: stageName, probability = 100 }) => ({ name: stageName, probability })),
    })),
    organizations: each(file.organizations, 'organizations', (it, where) => ({
      ...defined({ address: it.address, website: it.website, employees: it.employees }),
      ...owned(it, where),
      ...custom('organization', it.custom, where),
      name: it.name,
      labels: all(labelsOf('organization'), it.labels, `${where}.labels`),
    })),
    persons: each(file.persons, 'persons', (it, where) => ({
      ...defined({ deleted: it.deleted, org: organization(it.organization, `${where}.organization`) }),
      ...owned(it, where),
      ...custom('person', it.custom, where),
      name: it.name,
      emails: contacts(it.emails),
      phones: contacts(it.phones),
      labels: all(labelsOf('person'), it.labels, `${where}.labels`),
    })),
    products: each(
      file.products,
      'products',
      (
        {
          prices,
          owner: _owner,
          visible: _visible,
          added: _added,
          followers: _followers,
          as: _as,
          category: of,
          custom: values,
          linkable,
          ...it
        },
        where,
        index,
      ) => ({
        ...defined(it),
        ...defined({ category: category(of, `${where}.category`), is_linkable: linkable }),
        ...owned(file.products![index]!, where),
        ...custom('product', values, where),
        name: it.name,
        prices: (prices ?? []).map(defined),
      }),
    ),
    deals: each(file.deals, 'deals', (it, where) => {
      const {
        updated,
        moved,
        won,
        wonBefore,
        lost,
        lostReason,
        probability,
        expected,
        archived,
        deleted,
        currency,
        origin,
        files,
        emails,
      } = it
      return {
        ...defined({ updated, moved, won, wonBefore, lost, lostReason, probability, expected, archived, deleted, currency, origin }),
        ...defined({ files, emails }),
        ...defined({
          creator: user(it.creator, `${where}.creator`),
          person: person(it.person, `${where}.person`),
          org: organization(it.organization, `${where}.organization`),
        }),
        ...owned(it, where),
        ...custom('deal', it.custom, where),
        title: it.title,
        value: it.value ?? 0,
        stage: stage(it.stage ?? 1, `${where}.stage`) ?? 1,
        labels: all(labelsOf('deal'), it.labels, `${where}.labels`),
        participants: all(person, it.participants, `${where}.participants`),
        products: (it.products ?? []).map((line, index): DealProductSeed => {
          const product_id = product(line.product, `${where}.products[${index}].product`) ?? 1
          return {
            product_id,
            quantity: line.quantity ?? 1,
            item_price: line.price ?? file.products?.[product_id - 1]?.prices?.[0]?.price ?? 0,
            ...defined({
              discount: line.discount,
              comments: line.comments,
              billing_frequency: line.billing,
              billing_frequency_cycles: line.cycles,
              billing_start_date: line.billingStart,
            }),
          }
        }),
      }
    }),
    activities: each(file.activities, 'activities', (it, where) => {
      const { due, time, duration, busy, done, note, description, place, priority, attendee, deleted } = it
      return {
        ...defined({ due, time, duration, busy, done, note, description, place, priority, attendee, deleted }),
        ...defined({
          creator: user(it.creator, `${where}.creator`),
          deal: deal(it.deal, `${where}.deal`),
          lead: lead(it.lead, `${where}.lead`),
          person: person(it.person, `${where}.person`),
          org: organization(it.organization, `${where}.organization`),
        }),
        subject: it.subject,
        type: type(it.type, `${where}.type`) ?? activityTypes[0]!.key,
        owner: user(it.owner, `${where}.owner`) ?? first,
        others: all(person, it.others, `${where}.others`),
        added: it.added ?? ADDED_DAYS_AGO,
      }
    }),
    leadLabels,
    leads: each(file.leads, 'leads', (it, where, index) => ({
      ...defined({ value: it.value, currency: it.currency, expected: it.expected, source: it.source }),
      ...defined({ person: person(it.person, `${where}.person`), org: organization(it.organization, `${where}.organization`) }),
      ...(it.archived && { archived: true }),
      ...(it.seen && { seen: true }),
      ...owned(it, where),
      id: leadIds[index]!,
      title: it.title,
      labels: all(leadLabel, it.labels, `${where}.labels`),
    })),
    webhooks: each(file.webhooks, 'webhooks', (it, where, index) => ({
      ...defined({ login: it.login, password: it.password }),
      name: it.name ?? `Webhook ${index + 1}`,
      url: it.url,
      action: it.action ?? '*',
      object: it.object ?? '*',
      user: user(it.user, `${where}.user`) ?? first,
      added: ADDED_DAYS_AGO,
    })),
    notes: each(file.notes, 'notes', (it, where) => ({
      ...defined({
        deal: deal(it.deal, `${where}.deal`),
        lead: lead(it.lead, `${where}.lead`),
        person: person(it.person, `${where}.person`),
        org: organization(it.organization, `${where}.organization`),
        pinned: it.pinned,
      }),
      content: it.content,
      user: user(it.user, `${where}.user`) ?? first,
      added: it.added ?? ADDED_DAYS_AGO,
    })),
  }
}
