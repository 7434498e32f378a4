import type { NoteRow } from '../../state/records.ts'
import { leadOf } from '../../state/visibility.ts'
import { alive, recordView, times } from './record-view.ts'

/** The kinds of records to which a note can be pinned, and their link fields. */
export const pins = {
  lead: 'lead_id',
  deal: 'deal_id',
  organization: 'org_id',
  person: 'person_id',
  project: 'project_id',
  task: 'task_id',
} as const
export type Pin = keyof typeof pins
export const pinned = Object.keys(pins) as Pin[]

const isPinnedTo = (pin: Pin) => {
  const read = ({ pinned_to }: NoteRow) => pinned_to.includes(pin)
  return { v1: read, webhook: read }
}
const nothing = () => null
const named = (row: { name: string } | undefined) => (row ? { name: row.name } : null)
const titled = (row: { title: string } | undefined) => (row ? { title: row.title } : null)

export const noteView = recordView<NoteRow>()(
  {
    ...times('add_time', 'update_time'),
    active_flag: alive,
    pinned_to_lead_flag: isPinnedTo('lead'),
    pinned_to_deal_flag: isPinnedTo('deal'),
    pinned_to_organization_flag: isPinnedTo('organization'),
    pinned_to_person_flag: isPinnedTo('person'),
    pinned_to_project_flag: isPinnedTo('project'),
    pinned_to_task_flag: isPinnedTo('task'),
    organization: { v1: ({ org_id }, { company }) => named(org_id === null ? undefined : company.organizations.get(org_id)) },
    person: { v1: ({ person_id }, { company }) => named(person_id === null ? undefined : company.persons.get(person_id)) },
    deal: { v1: ({ deal_id }, { company }) => titled(deal_id === null ? undefined : company.deals.get(deal_id)) },
    lead: { v1: ({ lead_id }, { company }) => titled(lead_id === null ? undefined : leadOf(company, lead_id)) },
    project: { v1: nothing },
    task: { v1: nothing },
    user: {
      v1({ user_id }, { company, user }) {
        const author = company.users.get(user_id)
        return author ? { email: author.email, name: author.name, icon_url: null, is_you: author.id === user.id } : null
      },
    },
  },
  {
    v1: [
      'id user_id deal_id person_id org_id lead_id project_id task_id content add_time update_time active_flag pinned_to_lead_flag',
      'pinned_to_deal_flag pinned_to_organization_flag pinned_to_person_flag pinned_to_project_flag pinned_to_task_flag',
      'last_update_user_id organization person deal lead project task user',
    ],
    webhook: [
      'id user_id deal_id person_id org_id lead_id project_id active_flag content add_time update_time pinned_to_deal_flag',
      'pinned_to_person_flag pinned_to_organization_flag',
    ],
  },
)
