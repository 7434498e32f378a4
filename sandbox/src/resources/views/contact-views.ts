import { fullAddress } from '../../state/full-address.ts'
import { shownLabels, shownValues } from '../../state/fields.ts'
import type { OrganizationRow, PersonRow } from '../../state/records.ts'
import { typedValues } from '../../webhooks/typed-values.ts'
import { organizationIncludes, personIncludes } from '../includes.ts'
import { activitiesOf, countsOf, ownerName, spread, v1UserLink } from './linked.ts'
import { alive, firstLetter, firstOfLabels, level, recordView, type Shape, times } from './record-view.ts'

/** What contact sync adds to a person. */
const syncedOf = ({
  postal_address = null as never,
  notes = '',
  im = [],
  birthday = null as never,
  job_title = '',
}: NonNullable<PersonRow['synced']> = {}): Shape => ({ postal_address, notes, im, birthday, job_title })

const nothing = () => null

export const personView = recordView<PersonRow>()(
  {
    ...times('add_time', 'update_time'),
    visible_to: level,
    label_ids: { v2: (person, { company }) => shownLabels(company, 'person', person.label_ids) },
    picture_id: { v2: nothing, v1: nothing },
    '...synced': { v2: (person, { behaviour }) => (behaviour.contactSync === 'on' ? syncedOf(person.synced) : {}) },
    custom_fields: {
      v2: (person, { company }) => shownValues(company, 'person', person.custom_fields),
      webhook: (person, { company }) => typedValues(company, 'person', person.custom_fields),
    },
    company_id: { v1: (_person, { company }) => company.id },
    '...counts': { v1: countsOf(personIncludes) },
    active_flag: alive,
    phone: { v1: ({ phones }) => phones },
    email: { v1: ({ emails }) => emails },
    first_char: firstLetter,
    '...activities': { v1: activitiesOf(personIncludes) },
    last_incoming_mail_time: { v1: nothing },
    last_outgoing_mail_time: { v1: nothing },
    label: firstOfLabels,
    org_name: { v1: ({ org_id }, { company }) => (org_id === null ? undefined : company.organizations.get(org_id)?.name) ?? null },
    owner_name: { v1: ownerName },
    cc_email: { v1: personIncludes['smart_bcc_email']! },
  },
  {
    v2: [
      'id name first_name last_name owner_id org_id add_time update_time emails phones is_deleted visible_to label_ids picture_id',
      '...synced custom_fields',
    ],
    v1: [
      'id company_id owner_id org_id name first_name last_name ...counts active_flag phone email first_char update_time add_time',
      'visible_to picture_id ...activities last_incoming_mail_time last_outgoing_mail_time label label_ids org_name owner_name cc_email',
    ],
    webhook: ['add_time custom_fields emails first_name id label last_name name org_id owner_id phones update_time visible_to'],
  },
)

export const organizationView = recordView<OrganizationRow>()(
  {
    ...times('add_time', 'update_time'),
    address: { v2: ({ address }) => fullAddress(address) },
    '...address': { v1: ({ address }) => spread('address', address) },
    visible_to: level,
    label_ids: { v2: ({ label_ids }, { company }) => shownLabels(company, 'organization', label_ids) },
    custom_fields: {
      v2: ({ custom_fields }, { company }) => shownValues(company, 'organization', custom_fields),
      webhook: ({ custom_fields }, { company }) => typedValues(company, 'organization', custom_fields),
    },
    owner_id: { v1: ({ owner_id }, caller) => v1UserLink(owner_id, caller) },
    company_id: { v1: (_organization, { company }) => company.id },
    '...counts': { v1: countsOf(organizationIncludes) },
    active_flag: alive,
    first_char: firstLetter,
    '...activities': { v1: activitiesOf(organizationIncludes) },
    label: firstOfLabels,
    owner_name: { v1: ownerName },
    cc_email: { v1: organizationIncludes['smart_bcc_email']! },
    country_code: { webhook: nothing },
    picture_id: { webhook: nothing },
  },
  {
    v2: [
      'id name owner_id add_time update_time address is_deleted visible_to label_ids website linkedin industry annual_revenue',
      'employee_count custom_fields',
    ],
    v1: [
      'id company_id owner_id name ...counts active_flag first_char update_time add_time visible_to ...address ...activities label',
      'label_ids owner_name cc_email',
    ],
    webhook: ['add_time address country_code custom_fields id label name owner_id picture_id update_time visible_to'],
  },
)
