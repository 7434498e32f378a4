import * as z from 'zod'
import { type Problem, wording } from '../http/answer.ts'
import { body } from '../http/validation.ts'
import type { Caller } from '../state/caller.ts'
import { fieldsOf, type FieldEntity, type FieldRow } from '../state/fields.ts'
import type { FieldExtra } from './field-view.ts'
import type { Body } from './resource.ts'

const flag = body.flag().optional()
const ids = z.array(body.whole()).optional()
const dialog = z.strictObject({ show: flag, order: body.whole().nullish() }).optional()

/** The settings of a field definition in POST and PATCH. Keys that the kind of record lacks are ignored: the documentation allows any. */
export const settings = {
  ui_visibility: z.looseObject({
    add_visible_flag: flag,
    details_visible_flag: flag,
    projects_detail_visible_flag: flag,
    show_in_pipelines: z.strictObject({ show_in_all: flag, pipeline_ids: ids }).optional(),
    show_in_add_deal_dialog: dialog,
    show_in_add_person_dialog: dialog,
  }),
  important_fields: z.looseObject({ enabled: flag, stage_ids: ids }),
  required_fields: z.looseObject({
    enabled: flag,
    stage_ids: ids,
    statuses: z.record(z.string(), z.array(body.oneOf(['won', 'lost']))).optional(),
  }),
}
type Settings = Pick<FieldRow, FieldExtra>
export type GivenSettings = { [K in FieldExtra]?: Body | undefined }

/** Standard fields that the dialog for a new record always contains. */
const alwaysAdded: Readonly<Partial<Record<FieldEntity, readonly string[]>>> = {
  deal: ['title', 'pipeline_id', 'stage_id', 'probability'],
  person: ['name', 'org_id'],
  organization: ['name'],
  product: ['name'],
}

interface Dialog {
  show: boolean
  order: number | null
}
const dialogs = ['show_in_add_deal_dialog', 'show_in_add_person_dialog'] as const

/** A field added to a dialog gets the last place; a removed one has no place. */
function placed(name: (typeof dialogs)[number], before: Dialog, after: Dialog, entity: FieldEntity, { company }: Caller): Dialog {
  if (!after.show) return { show: false, order: null }
  if (before.show) return { show: true, order: before.order }
  const usedPlaces = fieldsOf(company, entity).map((field) => (field.ui_visibility[name] as Dialog).order ?? 0)
  return { show: true, order: Math.max(0, ...usedPlaces) + 1 }
}

/** `before` with the values of `input`; unknown keys are ignored. */
const merged = (before: Body, input: Body | undefined): Body => ({
  ...before,
  ...Object.fromEntries(Object.entries(input ?? {}).filter(([key, value]) => value !== undefined && key in before)),
})

/** The settings after a write. */
export function settingsAfter(entity: FieldEntity, before: Settings, input: GivenSettings, caller: Caller): Settings {
  const ui_visibility = merged(before.ui_visibility, input.ui_visibility)
  for (const name of dialogs)
    if (name in before.ui_visibility) {
      const previous = before.ui_visibility[name] as Dialog
      ui_visibility[name] = placed(name, previous, { ...previous, ...(input.ui_visibility?.[name] as Partial<Dialog>) }, entity, caller)
    }
  const pipelines = input.ui_visibility?.['show_in_pipelines'] as Body | undefined
  if (pipelines && 'show_in_pipelines' in before.ui_visibility)
    ui_visibility['show_in_pipelines'] = merged(before.ui_visibility['show_in_pipelines'] as Body, pipelines)
  const important_fields = merged(before.important_fields, input.important_fields)
  if (important_fields['enabled'] === false) important_fields['stage_ids'] = []
  return { ui_visibility, important_fields, required_fields: merged(before.required_fields, input.required_fields) }
}

/** The problems of settings: stages and pipelines must exist, and a field must be visible where it is important or required. */
export function settingsProblems(
  field: Pick<FieldRow, 'entity' | 'code'>,
  { ui_visibility, important_fields, required_fields }: Settings,
  caller: Caller,
): Problem[] {
  const { company, behaviour } = caller
  const problems: Problem[] = []
  const say = (part: FieldExtra, text: Parameters<typeof wording>[1], value: string | number) =>
    problems.push({ field: part, text: wording(behaviour, text, String(value)) })
  if (ui_visibility['add_visible_flag'] === false && alwaysAdded[field.entity]?.includes(field.code))
    say('ui_visibility', 'alwaysAdded', field.code)

  const pipelineScope = ui_visibility['show_in_pipelines'] as { show_in_all: boolean; pipeline_ids: number[] } | undefined
  const isPipeline = (id: number) => company.pipelines.get(id)?.is_deleted === false
  for (const id of pipelineScope?.pipeline_ids ?? []) if (!isPipeline(id)) say('ui_visibility', 'unknownPipeline', id)
  for (const id of Object.keys(required_fields['statuses'] ?? {}))
    if (!isPipeline(Number(id))) say('required_fields', 'unknownPipeline', id)
  for (const part of ['important_fields', 'required_fields'] as const)
    for (const id of ((part === 'important_fields' ? important_fields : required_fields)['stage_ids'] ?? []) as number[]) {
      const stage = company.stages.get(id)
      if (!stage || stage.is_deleted) say(part, 'unknownStage', id)
      else if (pipelineScope && !pipelineScope.show_in_all && !pipelineScope.pipeline_ids.includes(stage.pipeline_id))
        say(part, 'stageNotShown', id)
    }
  return problems
}
