import type { FieldEntity, FieldOption } from '../state/fields.ts'

/** A StandardField is a field that every company has. `optional`: records contain it only if include_fields names it; `fixed`: it is read-only. */
export interface StandardField {
  code: string
  name: string
  type: string
  optional?: true
  fixed?: true
  options?: FieldOption[]
}

type More = Omit<StandardField, 'code' | 'name' | 'type'>
const field = (code: string, name: string, type: string, more: More = {}): StandardField => ({ code, name, type, ...more })
const fixed = (code: string, name: string, type: string): StandardField => field(code, name, type, { fixed: true })
const optional = (code: string, name: string, type: string): StandardField => field(code, name, type, { optional: true, fixed: true })
const counts = (...names: string[]): StandardField[] =>
  names.map((name) => optional(`${name}_count`, name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' '), 'int'))

const activityLinks = [
  optional('next_activity_id', 'Next activity', 'activity'),
  optional('last_activity_id', 'Last activity', 'activity'),
  ...counts('activities', 'done_activities', 'undone_activities', 'email_messages', 'files', 'notes', 'followers'),
]
const mailTimes = [
  optional('last_incoming_mail_time', 'Last email received', 'date'),
  optional('last_outgoing_mail_time', 'Last email sent', 'date'),
]
const record = [fixed('id', 'ID', 'int'), fixed('is_deleted', 'Deleted', 'boolean')]
const dealCounts = [
  ...counts('open_deals', 'closed_deals', 'won_deals', 'lost_deals'),
  ...counts('related_open_deals', 'related_closed_deals', 'related_won_deals', 'related_lost_deals'),
]
const billing: FieldOption[] = [
  { id: 'one-time', label: 'One-time' },
  { id: 'annually', label: 'Annually' },
  { id: 'semi-annually', label: 'Semi-annually' },
  { id: 'quarterly', label: 'Quarterly' },
  { id: 'monthly', label: 'Monthly' },
  { id: 'weekly', label: 'Weekly' },
]

/** The options of label_ids and of a product's category come from the seed, those of visible_to from the plan. */
export const standardFields: Readonly<Record<FieldEntity, readonly StandardField[]>> = {
  deal: [
    field('title', 'Title', 'varchar'),
    field('value', 'Value', 'monetary'),
    field('owner_id', 'Owner', 'user'),
    field('person_id', 'Contact person', 'people'),
    field('org_id', 'Organization', 'org'),
    field('pipeline_id', 'Pipeline', 'double'),
    field('stage_id', 'Stage', 'stage'),
    field('status', 'Status', 'status', {
      options: [
        { id: 'open', label: 'Open' },
        { id: 'won', label: 'Won' },
        { id: 'lost', label: 'Lost' },
        { id: 'deleted', label: 'Deleted' },
      ],
    }),
    field('probability', 'Probability', 'int'),
    field('lost_reason', 'Lost reason', 'varchar_options'),
    field('expected_close_date', 'Expected close date', 'date'),
    field('label_ids', 'Labels', 'set', { options: [] }),
    field('visible_to', 'Visible to', 'visible_to'),
    fixed('add_time', 'Deal created', 'date'),
    fixed('update_time', 'Update time', 'date'),
    fixed('stage_change_time', 'Last stage change', 'date'),
    field('won_time', 'Won time', 'date'),
    field('lost_time', 'Lost time', 'date'),
    field('close_time', 'Deal closed on', 'date'),
    fixed('creator_user_id', 'Creator', 'user'),
    fixed('origin', 'Source origin', 'varchar'),
    fixed('origin_id', 'Source origin ID', 'varchar'),
    fixed('channel', 'Source channel', 'enum'),
    fixed('channel_id', 'Source channel ID', 'varchar'),
    field('is_archived', 'Archived', 'boolean'),
    field('archive_time', 'Archive time', 'date'),
    ...record,
    optional('first_won_time', 'First won time', 'date'),
    optional('source_lead_id', 'Source lead', 'lead'),
    optional('smart_bcc_email', 'Smart BCC email', 'varchar'),
    ...counts('products', 'participants'),
    ...activityLinks,
    ...mailTimes,
  ],
  person: [
    field('name', 'Name', 'varchar'),
    field('first_name', 'First name', 'varchar'),
    field('last_name', 'Last name', 'varchar'),
    field('emails', 'Email', 'varchar'),
    field('phones', 'Phone', 'phone'),
    field('org_id', 'Organization', 'org'),
    field('owner_id', 'Owner', 'user'),
    field('label_ids', 'Labels', 'set', { options: [] }),
    field('visible_to', 'Visible to', 'visible_to'),
    fixed('picture_id', 'Picture', 'picture'),
    field('add_time', 'Person created', 'date'),
    fixed('update_time', 'Update time', 'date'),
    ...record,
    optional('smart_bcc_email', 'Smart BCC email', 'varchar'),
    ...dealCounts,
    ...counts('participant_open_deals', 'participant_closed_deals'),
    ...activityLinks,
    ...mailTimes,
    optional('marketing_status', 'Marketing status', 'enum'),
    optional('doi_status', 'Double opt-in status', 'enum'),
  ],
  organization: [
    field('name', 'Name', 'varchar'),
    field('owner_id', 'Owner', 'user'),
    field('address', 'Address', 'address'),
    field('label_ids', 'Labels', 'set', { options: [] }),
    field('visible_to', 'Visible to', 'visible_to'),
    field('website', 'Website', 'varchar'),
    field('linkedin', 'LinkedIn profile', 'varchar'),
    field('industry', 'Industry', 'enum', { options: [] }),
    field('annual_revenue', 'Annual revenue', 'double'),
    field('employee_count', 'Number of employees', 'double'),
    field('add_time', 'Organization created', 'date'),
    fixed('update_time', 'Update time', 'date'),
    ...record,
    optional('smart_bcc_email', 'Smart BCC email', 'varchar'),
    ...counts('people'),
    ...dealCounts,
    ...activityLinks,
  ],
  product: [
    field('name', 'Name', 'varchar'),
    field('code', 'Product code', 'varchar'),
    field('description', 'Description', 'text'),
    field('category', 'Category', 'enum', { options: [] }),
    field('unit', 'Unit', 'varchar'),
    field('tax', 'Tax', 'double'),
    field('prices', 'Unit prices', 'price_list'),
    field('billing_frequency', 'Billing frequency', 'billing_frequency', { options: billing }),
    field('billing_frequency_cycles', 'Billing cycles', 'int'),
    field('owner_id', 'Owner', 'user'),
    field('visible_to', 'Visible to', 'visible_to'),
    field('is_linkable', 'Can be added to deals', 'boolean'),
    fixed('add_time', 'Product created', 'date'),
    fixed('update_time', 'Update time', 'date'),
    ...record,
  ],
  activity: [
    field('subject', 'Subject', 'varchar'),
    field('type', 'Type', 'enum', { options: [] }),
    field('due_date', 'Due date', 'date'),
    field('due_time', 'Due time', 'time'),
    field('duration', 'Duration', 'time'),
    field('done', 'Done', 'boolean'),
    fixed('marked_as_done_time', 'Marked as done time', 'date'),
    field('busy', 'Busy', 'boolean'),
    field('priority', 'Priority', 'enum', {
      options: [
        { id: 263, label: 'High' },
        { id: 264, label: 'Medium' },
        { id: 265, label: 'Low' },
      ],
    }),
    field('note', 'Note', 'text'),
    field('public_description', 'Public description', 'text'),
    field('location', 'Location', 'address'),
    field('deal_id', 'Deal', 'deal'),
    field('lead_id', 'Lead', 'lead'),
    field('project_id', 'Project', 'project'),
    field('org_id', 'Organization', 'org'),
    fixed('person_id', 'Contact person', 'people'),
    field('participants', 'Participants', 'json'),
    optional('attendees', 'Attendees', 'json'),
    field('owner_id', 'Assigned to', 'user'),
    fixed('creator_user_id', 'Creator', 'user'),
    fixed('add_time', 'Add time', 'date'),
    fixed('update_time', 'Update time', 'date'),
    ...record,
  ],
}
