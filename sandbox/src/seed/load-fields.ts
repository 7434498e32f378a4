import type { Company } from '../state/company.ts'
import { fieldDefaults } from '../state/field-defaults.ts'
import { type FieldEntity, fieldEntities, type FieldOption } from '../state/fields.ts'
import type { Days } from './relative-days.ts'
import type { CompanySeed } from './company-seed.ts'
import { standardFields } from './standard-fields.ts'

function optionsOf(
  entity: FieldEntity,
  code: string,
  own: FieldOption[] | undefined,
  seed: CompanySeed,
  company: Company,
): FieldOption[] | null {
  if (code === 'label_ids') return seed.labels[entity] ?? []
  if (entity === 'product' && code === 'category') return seed.categories
  if (entity === 'activity' && code === 'type')
    return company.activityTypes.map(({ key_string, name }) => ({ id: key_string, label: name }))
  return own ?? null
}

/** Adds the standard fields, then the custom fields. */
export function loadFields(company: Company, seed: CompanySeed, days: Days): void {
  const old = { add_time: days.time(400), update_time: null, is_deleted: false, readable_from: 0, deleted_at: null }
  for (const entity of fieldEntities)
    for (const { code, name, type, optional = false, fixed = false, options } of standardFields[entity])
      company.fields.insert({
        ...old,
        entity,
        code,
        name,
        type,
        description: '',
        is_custom: false,
        is_optional: optional,
        is_writable: !fixed,
        options: structuredClone(optionsOf(entity, code, options, seed, company)),
        ...fieldDefaults(entity, false),
      })
  for (const { entity, code, name, type, description = '', options } of seed.customFields)
    company.fields.insert({
      ...old,
      entity,
      code,
      name,
      type,
      description,
      is_custom: true,
      is_optional: false,
      is_writable: true,
      options: options ? structuredClone(options) : null,
      ...fieldDefaults(entity, true),
    })
}
