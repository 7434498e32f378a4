import type { FieldEntity, FieldRow } from './fields.ts'

/** The default settings of a field definition, as include_fields returns them. A kind of record without a setting does not offer it. */
export const fieldDefaults = (
  entity: FieldEntity,
  is_custom: boolean,
): Pick<FieldRow, 'ui_visibility' | 'important_fields' | 'required_fields'> => {
  const visible = { add_visible_flag: !is_custom, details_visible_flag: true }
  const dialog = { show: false, order: null }
  const important_fields = { enabled: false, stage_ids: [] }
  switch (entity) {
    case 'deal':
      return {
        ui_visibility: { ...visible, projects_detail_visible_flag: false, show_in_pipelines: { show_in_all: true, pipeline_ids: [] } },
        important_fields,
        required_fields: { enabled: false, stage_ids: [], statuses: {} },
      }
    case 'person':
      return { ui_visibility: { ...visible, show_in_add_deal_dialog: dialog }, important_fields, required_fields: { enabled: false } }
    case 'organization':
      return {
        ui_visibility: { ...visible, show_in_add_deal_dialog: dialog, show_in_add_person_dialog: dialog },
        important_fields,
        required_fields: { enabled: false },
      }
    default:
      return { ui_visibility: visible, important_fields: {}, required_fields: {} }
  }
}
