import type { Row, World } from './world.ts'

/**
 * Computes what the contract's rows must contain, from Pipedrive's raw answers. It deliberately shares no code with the connector's mappings,
 * so that a mistake in the mappings cannot repeat here.
 */
const INCLUDED =
  'next_activity_id,last_activity_id,products_count,files_count,notes_count,followers_count,email_messages_count,activities_count,' +
  'done_activities_count,undone_activities_count,participants_count'

const contractTime = (time: unknown) => (typeof time === 'string' ? time.replace('Z', '.000Z') : null)
const clock = (time: unknown, length: 'HH:MM' | 'HH:MM:SS') => {
  if (typeof time !== 'string' || time === '') return null
  return `${time}:00`.slice(0, length.length)
}

/** Reads expected records as one Pipedrive user sees them. */
export function expectedRecordsOf({ pipedrive }: Pick<World, 'pipedrive'>, key?: string) {
  const get = async (path: string): Promise<Row> => pipedrive('GET', path, undefined, key)
  const linked = async (path: string, id: unknown): Promise<Row | null> => (id === null ? null : get(`${path}/${id as number}`))

  const user = async (id: unknown) => {
    const { name, email } = await get(`/api/v1/users/${id as number}`)
    return { id, name, email }
  }
  /** A deleted record keeps its name. */
  const nameOf = (record: Row | null, column: string) => record && record[column]
  const link = async (path: string, id: unknown) => {
    const record = await linked(path, id)
    return record && { name: nameOf(record, 'name'), value: id }
  }

  return {
    async deal(id: number): Promise<Row> {
      const deal = await get(`/api/v2/deals/${id}?include_fields=${INCLUDED}`)
      const next = await linked('/api/v2/activities', deal['next_activity_id'])
      const last = await linked('/api/v2/activities', deal['last_activity_id'])
      const stage = await linked('/api/v2/stages', deal['stage_id'])
      return {
        id,
        creator_user_id: await user(deal['creator_user_id']),
        user_id: await user(deal['owner_id']),
        person_id: await link('/api/v2/persons', deal['person_id']),
        org_id: await link('/api/v2/organizations', deal['org_id']),
        status: deal['is_deleted'] ? 'deleted' : deal['status'],
        title: deal['title'],
        value: deal['value'],
        currency: deal['currency'],
        add_time: contractTime(deal['add_time']),
        update_time: contractTime(deal['update_time']),
        stage_id: deal['stage_id'],
        stage_name: stage!['name'],
        stage_change_time: contractTime(deal['stage_change_time']),
        active: deal['status'] === 'open' && deal['is_deleted'] === false,
        deleted: deal['is_deleted'],
        next_activity_date: next && next['due_date'],
        next_activity_time: next && clock(next['due_time'], 'HH:MM:SS'),
        next_activity_id: deal['next_activity_id'],
        last_activity_id: deal['last_activity_id'],
        last_activity_date: last && last['due_date'],
        lost_reason: deal['lost_reason'],
        visible_to: String(deal['visible_to']),
        close_time: contractTime(deal['close_time']),
        pipeline_id: deal['pipeline_id'],
        products_count: deal['products_count'],
        files_count: deal['files_count'],
        notes_count: deal['notes_count'],
        followers_count: deal['followers_count'],
        email_messages_count: deal['email_messages_count'],
        activities_count: deal['activities_count'],
        done_activities_count: deal['done_activities_count'],
        undone_activities_count: deal['undone_activities_count'],
        reference_activities_count: null,
        participants_count: deal['participants_count'],
        expected_close_date: deal['expected_close_date'],
        next_activity_subject: next && next['subject'],
        next_activity_type: next && next['type'],
        next_activity_duration: next && clock(next['duration'], 'HH:MM:SS'),
        next_activity_note: next && next['note'],
      }
    },

    async activity(id: number): Promise<Row> {
      const activity = await get(`/api/v2/activities/${id}`)
      const owner = await user(activity['owner_id'])
      const [deal, organization, person] = await Promise.all([
        linked('/api/v2/deals', activity['deal_id']),
        linked('/api/v2/organizations', activity['org_id']),
        linked('/api/v2/persons', activity['person_id']),
      ])
      return {
        id,
        user_id: activity['owner_id'],
        done: activity['done'],
        type: activity['type'],
        due_date: activity['due_date'],
        due_time: clock(activity['due_time'], 'HH:MM'),
        duration: clock(activity['duration'], 'HH:MM'),
        subject: activity['subject'],
        deal_id: activity['deal_id'],
        deal_title: nameOf(deal, 'title'),
        org_id: activity['org_id'],
        org_name: nameOf(organization, 'name'),
        person_id: activity['person_id'],
        person_name: nameOf(person, 'name'),
        add_time: contractTime(activity['add_time']),
        update_time: contractTime(activity['update_time']),
        marked_as_done_time: contractTime(activity['marked_as_done_time']),
        gcal_event_id: null,
        google_calendar_id: null,
        note: activity['note'],
        assigned_to_user_id: activity['owner_id'],
        created_by_user_id: activity['creator_user_id'],
        owner_name: owner.name,
      }
    },

    async stage(id: number): Promise<Row> {
      const { name } = await get(`/api/v2/stages/${id}`)
      return { id, name }
    },
  }
}

/** Returns the value of a row such as `person_id.name`. Every part of a missing link is null. */
export function valueAt(record: Row, row: string): unknown {
  return row.split('.').reduce<unknown>((value, key) => (value === null ? null : (value as Row)[key]), record)
}
