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
/** The distance between the user ids of two companies. */
const USERS_APART = 10_000
const ADDED_DAYS_AGO = 30
const CURRENCIES = ['EUR', 'USD', 'GBP']
const STAGES = ['Qualified', 'Contact made', 'Demo scheduled', 'Proposal made', 'Negotiations started']

type ReportProblem = (path: string, text: string) => void
type OptionFile = NonNullable<CompanyFile['categories']>[number]

const hash = (...parts: (string | number)[]): string => createHash('sha1').update(parts.join('\n')).digest('hex')
const uuid = (...parts: (string | number)[]): string =>
  hash(...parts).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, (_, ...[a, b, c, d, e]: string[]) => `${a}-${b}-4${c}-8${d}-${e}`)

/** Removes undefined values, so that defaults are applied in one place only. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }
const defined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>

/** Assigns option ids, which are unique in a company. */
function optionIds(): (options: readonly OptionFile[] | undefined) => Option[] {
  let last = 0
  return (options = []) =>
    options.map((option) => {
      const { id, ...rest } = typeof option === 'string' ? { label: option, id: undefined } : option
      last = Math.max(last + 1, id ?? 0)
      return { id: id ?? last, ...defined(rest) }
    })
}

const named = (resolveAll: readonly { as?: string | undefined; name?: string; title?: string }[] = []): Referable[] =>
  resolveAll.map(({ as, name, title }, companyIndex) => ({ id: companyIndex + 1, as, names: [name ?? title ?? ''] }))
const options = (resolveAll: readonly Option[]): Referable[] => resolveAll.map(({ id, label }) => ({ id, names: [label] }))

const contacts = (input: NonNullable<CompanyFile['persons']>[number]['emails']): [value: string, label?: string][] =>
  (input === undefined ? [] : typeof input === 'string' ? [input] : input).map((contact) =>
    typeof contact === 'string' ? [contact] : contact.label === undefined ? [contact.value] : [contact.value, contact.label],
  )

/** Converts one company of a seed file to a CompanySeed. Reports problems with their path in the file. */
export function companyFromFile(file: CompanyFile, companyIndex: number, report: ReportProblem): CompanySeed {
  const id = file.id ?? FIRST_COMPANY_ID + companyIndex
  const path = `companies[${companyIndex}]`
  const resolver = <I extends string | number = number>(kind: string, resolveAll: readonly Referable<I>[]): Resolver<I> =>
    createResolver(kind, resolveAll, report)
  /** Resolves several references; unresolved ones are already reported. */
  const resolveAll = <I extends string | number>(
    resolve: Resolver<I>,
    references: readonly (string | number)[] | undefined,
    recordPath: string,
  ): I[] => (references ?? []).flatMap((reference, index) => resolve(reference, `${recordPath}[${index}]`) ?? [])
  const each = <T, S>(list: readonly T[] | undefined, name: string, make: (item: T, recordPath: string, index: number) => S): S[] =>
    (list ?? []).map((item, index) => make(item, `${path}.${name}[${index}]`, index))
  const toOptions = optionIds()

  const groupFiles = (file.groups ?? ['Default visibility group']).map(longForm)
  const group = resolver('visibility group', named(groupFiles))
  const currencies = file.currencies ?? CURRENCIES
  const userIds = file.users.map(({ id: own }, index) => own ?? FIRST_USER_ID + companyIndex * USERS_APART + index)
  const user = resolver(
    'user',
    file.users.map(({ as, name, email }, index) => ({ id: userIds[index]!, as, names: email === undefined ? [name] : [name, email] })),
  )
  const first = userIds[0]!
  const users = each(file.users, 'users', (record, recordPath, index): UserSeed => ({
    ...defined({ key: record.key, phone: record.phone }),
    ...(record.admin && { admin: true }),
    ...(record.inactive && { inactive: true }),
    id: userIds[index]!,
    name: record.name,
    email: record.email ?? `${slug(record.name)}@${file.domain ?? slug(file.name)}.example`,
    locale: record.locale ?? 'en_US',
    zone: record.zone ?? 'Etc/UTC',
    currency: record.currency ?? currencyCode(currencies[0]!),
    group: group(record.group ?? 1, `${recordPath}.group`) ?? 1,
    followers: resolveAll(user, record.followers, `${recordPath}.followers`),
  }))
  if (!users.some(({ key }) => key !== undefined)) report(`${path}.users`, 'no user has a key: give one to at least one user')

  const plan = plans[file.plan ?? 'Growth']
  for (const level of Object.keys(file.visibility ?? {}))
    if (!(level in plan.visibility)) report(`${path}.visibility`, `the plan ${plan.name} has no level ${level}`)

  const pipelineFiles = file.pipelines ?? [{ name: 'Sales', stages: STAGES }]
  let stageId = 0
  const stage = resolver(
    'stage',
    pipelineFiles.flatMap((pipeline) =>
      pipeline.stages.map((record) => {
        const { as, name } = longForm(record)
        return { id: ++stageId, as, names: [name, `${pipeline.name} / ${name}`] }
      }),
    ),
  )
  const labels = {
    deal: toOptions(file.labels?.deal),
    person: toOptions(file.labels?.person),
    organization: toOptions(file.labels?.organization),
  }
  const labelsOf = (entity: keyof typeof labels) => resolver(`label of a ${entity}`, options(labels[entity]))
  const categories = toOptions(file.categories)
  const category = resolver('category', options(categories))
  const activityTypes = (file.activityTypes ?? STANDARD_ACTIVITY_TYPES).map(activityTypeSeed)
  const type = resolver(
    'type of activity',
    activityTypes.map(({ key, name }) => ({ id: key, names: [name] })),
  )
  const [organization, person, product, deal] = [
    resolver('organization', named(file.organizations)),
    resolver('person', named(file.persons)),
    resolver('product', named(file.products)),
    resolver('deal', named(file.deals)),
  ]
  const leadIds = (file.leads ?? []).map((record, index) => record.id ?? uuid(id, 'lead', index))
  const lead = resolver(
    'lead',
    (file.leads ?? []).map(({ as, title }, index) => ({ id: leadIds[index]!, as, names: [title] })),
  )
  const leadLabelFiles = (file.leadLabels ?? []).map(longForm)
  const leadLabels = leadLabelFiles.map(({ id: own, name, color = 'blue' }) => ({ id: own ?? uuid(id, 'lead label', name), name, color }))
  const leadLabel = resolver(
    'lead label',
    leadLabels.map(({ id: own, name }, index) => ({ id: own, as: leadLabelFiles[index]!.as, names: [name] })),
  )

  const customFields = each(file.fields, 'fields', (record): CustomFieldSeed => ({
    ...defined({ description: record.description }),
    ...(record.options && { options: toOptions(record.options) }),
    entity: record.of ?? 'deal',
    code: record.code ?? hash(id, record.of ?? 'deal', record.name),
    name: record.name,
    type: record.type,
  }))
  /** A seed names only the zone: its id is internal to the sandbox. */
  function zoned(value: unknown, recordPath: string): unknown {
    if (typeof value !== 'object' || value === null || !('timezone_name' in value) || 'timezone_id' in value) return value
    const { timezone_name, ...rest } = value
    const zone = zoneNamed(String(timezone_name))
    if (!zone) report(`${recordPath}.timezone_name`, `there is no time zone ${JSON.stringify(timezone_name)}`)
    return { ...rest, ...zone }
  }
  /** Values are written as in the API, except that references and options may be names. */
  function valueOf({ type: kind, options: own = [] }: CustomFieldSeed, value: unknown, recordPath: string): unknown {
    const one = (resolve: Resolver) =>
      typeof value === 'string' || typeof value === 'number' ? (resolve(value, recordPath) ?? null) : value
    switch (kind) {
      case 'enum':
        return one(resolver('option', options(own)))
      case 'set':
        return Array.isArray(value) ? resolveAll(resolver('option', options(own)), value as string[], recordPath) : value
      case 'time':
      case 'timerange':
        return zoned(value, recordPath)
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
  function customValues(entity: FieldEntity, values: Record<string, unknown> | undefined, recordPath: string): { custom?: CustomValues } {
    if (!values) return {}
    const ownFields = customFields.flatMap((field, index) => (field.entity === entity ? [{ field, as: file.fields![index]!.as }] : []))
    const code = resolver(
      `custom field of a ${entity}`,
      ownFields.map(({ field, as }) => ({ id: field.code, as, names: [field.name] })),
    )
    return {
      custom: Object.fromEntries(
        Object.entries(values).flatMap(([name, value]) => {
          const field = ownFields.find((record) => record.field.code === code(name, `${recordPath}.custom`))?.field
          return field ? [[field.code, valueOf(field, value, `${recordPath}.custom.${name}`)]] : []
        }),
      ),
    }
  }
  const owned = (
    record:
      | NonNullable<CompanyFile['organizations']>[number]
      | NonNullable<CompanyFile['deals']>[number]
      | NonNullable<CompanyFile['leads']>[number],
    recordPath: string,
  ) => ({
    ...defined({ visible: record.visible }),
    owner: user(record.owner, `${recordPath}.owner`) ?? first,
    added: record.added ?? ADDED_DAYS_AGO,
    followers: resolveAll(user, record.followers, `${recordPath}.followers`),
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
    currencies: currencies.map((currency, index) => currencySeed(currency, (text) => report(`${path}.currencies[${index}]`, text))),
    labels,
    customFields,
    categories,
    pipelines: pipelineFiles.map(({ name, withProbability, stages }) => ({
      name,
      ...(withProbability && { withProbability: true }),
      stages: stages.map(longForm).map(({ name: stageName, probability = 100 }) => ({ name: stageName, probability })),
    })),
    organizations: each(file.organizations, 'organizations', (record, recordPath) => ({
      ...defined({ address: record.address, website: record.website, employees: record.employees }),
      ...owned(record, recordPath),
      ...customValues('organization', record.custom, recordPath),
      name: record.name,
      labels: resolveAll(labelsOf('organization'), record.labels, `${recordPath}.labels`),
    })),
    persons: each(file.persons, 'persons', (record, recordPath) => ({
      ...defined({ deleted: record.deleted, org: organization(record.organization, `${recordPath}.organization`) }),
      ...owned(record, recordPath),
      ...customValues('person', record.custom, recordPath),
      name: record.name,
      emails: contacts(record.emails),
      phones: contacts(record.phones),
      labels: resolveAll(labelsOf('person'), record.labels, `${recordPath}.labels`),
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
        recordPath,
        index,
      ) => ({
        ...defined(it),
        ...defined({ category: category(of, `${recordPath}.category`), is_linkable: linkable }),
        ...owned(file.products![index]!, recordPath),
        ...customValues('product', values, recordPath),
        name: it.name,
        prices: (prices ?? []).map(defined),
      }),
    ),
    deals: each(file.deals, 'deals', (record, recordPath) => {
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
      } = record
      return {
        ...defined({ updated, moved, won, wonBefore, lost, lostReason, probability, expected, archived, deleted, currency, origin }),
        ...defined({ files, emails }),
        ...defined({
          creator: user(record.creator, `${recordPath}.creator`),
          person: person(record.person, `${recordPath}.person`),
          org: organization(record.organization, `${recordPath}.organization`),
        }),
        ...owned(record, recordPath),
        ...customValues('deal', record.custom, recordPath),
        title: record.title,
        value: record.value ?? 0,
        stage: stage(record.stage ?? 1, `${recordPath}.stage`) ?? 1,
        labels: resolveAll(labelsOf('deal'), record.labels, `${recordPath}.labels`),
        participants: resolveAll(person, record.participants, `${recordPath}.participants`),
        products: (record.products ?? []).map((line, index): DealProductSeed => {
          const product_id = product(line.product, `${recordPath}.products[${index}].product`) ?? 1
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
    activities: each(file.activities, 'activities', (record, recordPath) => {
      const { due, time, duration, busy, done, note, description, place, priority, attendee, deleted } = record
      return {
        ...defined({ due, time, duration, busy, done, note, description, place, priority, attendee, deleted }),
        ...defined({
          creator: user(record.creator, `${recordPath}.creator`),
          deal: deal(record.deal, `${recordPath}.deal`),
          lead: lead(record.lead, `${recordPath}.lead`),
          person: person(record.person, `${recordPath}.person`),
          org: organization(record.organization, `${recordPath}.organization`),
        }),
        subject: record.subject,
        type: type(record.type, `${recordPath}.type`) ?? activityTypes[0]!.key,
        owner: user(record.owner, `${recordPath}.owner`) ?? first,
        others: resolveAll(person, record.others, `${recordPath}.others`),
        added: record.added ?? ADDED_DAYS_AGO,
      }
    }),
    leadLabels,
    leads: each(file.leads, 'leads', (record, recordPath, index) => ({
      ...defined({ value: record.value, currency: record.currency, expected: record.expected, source: record.source }),
      ...defined({
        person: person(record.person, `${recordPath}.person`),
        org: organization(record.organization, `${recordPath}.organization`),
      }),
      ...(record.archived && { archived: true }),
      ...(record.seen && { seen: true }),
      ...owned(record, recordPath),
      id: leadIds[index]!,
      title: record.title,
      labels: resolveAll(leadLabel, record.labels, `${recordPath}.labels`),
    })),
    webhooks: each(file.webhooks, 'webhooks', (record, recordPath, index) => ({
      ...defined({ login: record.login, password: record.password }),
      name: record.name ?? `Webhook ${index + 1}`,
      url: record.url,
      action: record.action ?? '*',
      object: record.object ?? '*',
      user: user(record.user, `${recordPath}.user`) ?? first,
      added: ADDED_DAYS_AGO,
    })),
    notes: each(file.notes, 'notes', (record, recordPath) => ({
      ...defined({
        deal: deal(record.deal, `${recordPath}.deal`),
        lead: lead(record.lead, `${recordPath}.lead`),
        person: person(record.person, `${recordPath}.person`),
        org: organization(record.organization, `${recordPath}.organization`),
        pinned: record.pinned,
      }),
      content: record.content,
      user: user(record.user, `${recordPath}.user`) ?? first,
      added: record.added ?? ADDED_DAYS_AGO,
    })),
  }
}
