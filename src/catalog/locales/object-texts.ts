import type { Action } from '../define.ts'
import { nameBeside, type CatalogObject } from '../objects/define-object.ts'
import { objectActions, objects } from '../objects/index.ts'
import type { Verb } from '../objects/object-words.ts'
import type { Label, OperationText } from './locales.ts'

/** A Noun is what one kind of record is called. */
export interface Noun {
  /** With the article: "a person". */
  a: string
  one: string
  many: string
}

/** Fields that mean the same on every object. */
export const COMMON_FIELDS = [
  'owner_id',
  'creator_user_id',
  'person_id',
  'org_id',
  'deal_id',
  'label_ids',
  'visible_to',
  'add_time',
  'update_time',
  'currency',
  'order_nr',
  'next_activity_id',
  'last_activity_id',
  'open_deals_count',
  'closed_deals_count',
  'won_deals_count',
  'lost_deals_count',
  'activities_count',
  'undone_activities_count',
  'done_activities_count',
  'email_messages_count',
  'files_count',
  'notes_count',
  'followers_count',
  'people_count',
] as const
type CommonField = (typeof COMMON_FIELDS)[number]
type AnyObject = (typeof objects)[number]
type OwnFields<O extends { fields: object }> = Record<Exclude<keyof O['fields'] & string, CommonField>, Label> &
  Partial<Record<CommonField & keyof O['fields'], Label>>

/** The inputs that are no fields of an object. */
export const OPTIONS = [
  'id',
  'deal_id',
  'product_id',
  'limit',
  'cursor',
  'filter_id',
  'ids',
  'updated_since',
  'updated_until',
  'sort_by',
  'sort_direction',
  'term',
  'fields',
  'exact_match',
  'custom_fields',
  'custom_fields_by',
  'nulls',
  'find_by',
  'value',
  'on_several',
  'only_empty',
] as const

/** ObjectTexts are what a language says about the objects: an object or a field without a text does not compile. */
export interface ObjectTexts {
  objects: { [O in AnyObject as O['name']]: { noun: Noun; fields: OwnFields<O> } }
  common: (noun: Noun) => Record<CommonField, Label>
  /** The fields inside lists and pages. */
  parts: Record<
    | 'value'
    | 'label'
    | 'primary'
    | 'data'
    | 'next_cursor'
    | 'has_more'
    | 'id'
    | 'deleted'
    | 'custom_fields'
    | 'record'
    | 'found'
    | 'count'
    | 'created'
    | 'outcome',
    (noun: Noun) => Label
  >
  options: (noun: Noun) => Record<(typeof OPTIONS)[number], Label>
  /** The label of the name beside an id. */
  name: (label: Label) => Label
  verbs: Record<Verb, (noun: Noun) => Label>
}

type Labels = Record<string, Label>

/** What a language says about an object; the compiler has checked that it says it. */
const textsOf = (texts: ObjectTexts, { name }: Pick<CatalogObject, 'name'>): { noun: Noun; fields: Labels } =>
  (texts.objects as Record<string, { noun: Noun; fields: Labels }>)[name]!

/** The labels of the fields of an object, by path. */
function fieldLabels(object: CatalogObject, texts: ObjectTexts): Labels {
  const { noun, fields: own } = textsOf(texts, object)
  const common: Labels = texts.common(noun)
  return Object.fromEntries(
    Object.entries(object.fields).flatMap(([field, { link, parts = [] }]) => {
      const label = own[field] ?? common[field]
      if (!label) throw new Error(`${object.name}.${field} has no label`)
      const inside = parts.map((part) => [`${field}.${part}`, texts.parts[part as keyof ObjectTexts['parts']](noun)] as const)
      return [[field, label] as const, ...(link ? [[nameBeside(field), texts.name(label)] as const] : []), ...inside]
    }),
  )
}

function operationText({ derivedFrom, input }: Action, texts: ObjectTexts): OperationText {
  const object = objects.find(({ name }) => name === derivedFrom!.object)!
  const { noun } = textsOf(texts, object)
  const sentence = texts.verbs[derivedFrom!.verb]
  // A field has its own label also where an option has the same name.
  const known: Labels = { ...texts.options(noun), ...fieldLabels(object, texts) }
  const names = Object.keys(input.shape)
  const parameters = Object.entries(known).filter(([path]) => names.includes(path.split('.')[0]!))
  return { ...sentence(noun), parameters: Object.fromEntries(parameters) }
}

/** What is derived from these texts: those of each operation and of each shape, by their ids. */
export function objectTexts(texts: ObjectTexts): { operations: Record<string, OperationText>; definitions: Record<string, Labels> } {
  const { parts } = texts
  const definitions = objects.flatMap((object: CatalogObject): [string, Labels][] => {
    const { noun } = textsOf(texts, object)
    const own = {
      id: parts.id(noun),
      ...fieldLabels(object, texts),
      ...(object.customFields && { custom_fields: parts.custom_fields(noun) }),
    }
    const page = { data: parts.data(noun), next_cursor: parts.next_cursor(noun), has_more: parts.has_more(noun) }
    const record = parts.record(noun)
    const shapes: [string, Labels, Verb | undefined][] = [
      [object.noun, own, undefined],
      [`${object.noun}Page`, page, 'list'],
      [`${object.noun}Found`, { found: parts.found(noun), count: parts.count(noun), record }, 'find'],
      [`${object.noun}Match`, { created: parts.created(noun), record }, 'findOrCreate'],
      [`${object.noun}Outcome`, { outcome: parts.outcome(noun), record }, 'createOrUpdate'],
    ]
    return shapes.flatMap(([name, labels, verb]) => (verb === undefined || object.operations.includes(verb) ? [[name, labels]] : []))
  })
  const record = texts.objects.person.noun
  const deleted = { id: parts.id(record), deleted: parts.deleted(record) }
  return {
    operations: Object.fromEntries(objectActions.map((action) => [action.id, operationText(action, texts)])),
    definitions: { ...Object.fromEntries(definitions), Deleted: deleted, DeletedByUuid: deleted },
  }
}
