import { type Problem, validationFailed, wording } from '../http/answer.ts'
import type { Caller } from '../state/caller.ts'
import { defaultPipeline, stagesOf } from '../state/company.ts'
import type { CustomValues, DealRow } from '../state/records.ts'
import { visibilityOptions } from '../state/visibility.ts'
import { labelProblems } from './references.ts'

/** A DealBody is a validated body of POST or PATCH. */
export interface DealBody {
  title?: string | undefined
  owner_id?: number | undefined
  person_id?: number | null | undefined
  org_id?: number | null | undefined
  pipeline_id?: number | undefined
  stage_id?: number | undefined
  value?: number | undefined
  currency?: string | undefined
  status?: DealRow['status'] | undefined
  is_archived?: boolean | undefined
  archive_time?: string | undefined
  probability?: number | null | undefined
  lost_reason?: string | null | undefined
  visible_to?: number | undefined
  close_time?: string | null | undefined
  won_time?: string | undefined
  lost_time?: string | undefined
  expected_close_date?: string | undefined
  label_ids?: number[] | undefined
  custom_fields?: CustomValues | undefined
}

export type Place = Pick<DealRow, 'stage_id' | 'pipeline_id'>

/** The stage and pipeline after a write. The stage determines the pipeline; a pipeline alone means its first stage; without both they stay. */
export function placeOf(body: DealBody, before: Place | undefined, { company, behaviour }: Caller): Place {
  if (body.stage_id !== undefined) return { stage_id: body.stage_id, pipeline_id: company.stages.get(body.stage_id)!.pipeline_id }
  if (before && (body.pipeline_id === undefined || body.pipeline_id === before.pipeline_id)) return before
  const pipelineId = body.pipeline_id ?? defaultPipeline(company).id
  const [first] = stagesOf(company, pipelineId)
  if (!first) throw validationFailed([{ field: 'pipeline_id', text: wording(behaviour, 'pipelineWithoutStages') }])
  return { stage_id: first.id, pipeline_id: pipelineId }
}

export type Closing = Pick<DealRow, 'status' | 'close_time' | 'won_time' | 'lost_time' | 'first_won_time' | 'lost_reason'>

export const open: Closing = { status: 'open', close_time: null, won_time: null, lost_time: null, first_won_time: null, lost_reason: null }

/** The status and close times after a write. Closing sets the times that the body omits; reopening clears all but first_won_time. */
export function closingOf(body: DealBody, before: Closing, now: string): Closing {
  const status = body.status ?? before.status
  const { first_won_time } = before
  if (status === 'open') return { ...open, first_won_time }
  const previous = before.status === status ? before : undefined
  const time = (status === 'won' ? (body.won_time ?? previous?.won_time) : (body.lost_time ?? previous?.lost_time)) ?? now
  const close_time = body.close_time ?? previous?.close_time ?? time
  if (status === 'won')
    return { status, close_time, won_time: time, lost_time: null, first_won_time: first_won_time ?? time, lost_reason: null }
  const lost_reason = body.lost_reason !== undefined ? body.lost_reason : (previous?.lost_reason ?? null)
  return { status, close_time, won_time: null, lost_time: time, first_won_time, lost_reason }
}

/** The problems of a body, given the status that the deal will have. */
export function dealProblems(body: DealBody, status: DealRow['status'], caller: Caller): Problem[] {
  const { company, behaviour } = caller
  const say = (field: string, text: Parameters<typeof wording>[1]): Problem => ({ field, text: wording(behaviour, text) })
  const problems: Problem[] = []
  if (body.lost_reason != null && status !== 'lost') problems.push(say('lost_reason', 'lostReasonOnlyWhenLost'))
  if (body.won_time !== undefined && status !== 'won') problems.push(say('won_time', 'wonTimeOnlyWhenWon'))
  if (body.lost_time !== undefined && status !== 'lost') problems.push(say('lost_time', 'lostTimeOnlyWhenLost'))
  if (body.close_time != null && status === 'open') problems.push(say('close_time', 'closeTimeOnlyWhenClosed'))
  if (body.currency !== undefined && !company.currencies.some(({ code, active_flag }) => active_flag && code === body.currency))
    problems.push(say('currency', 'badCurrency'))
  problems.push(...labelProblems('deal', body.label_ids, caller))
  return problems
}

/** Whether the plan offers the requested level. */
export const offersVisibility = (level: number | undefined, caller: Caller): boolean =>
  level === undefined || visibilityOptions(caller).includes(level)
