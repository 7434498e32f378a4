import { label, type Label } from './locales.ts'
import { objectTexts, type Noun, type ObjectTexts } from './object-texts.ts'

const time = (summary: string, what: string) => label(summary, `${what}, as yyyy-MM-ddTHH:mm:ss.fffZ.`)
const noun = (one: string, many = `${one}s`): Noun => ({ one, many, a: `${/^[aeio]/.test(one) ? 'an' : 'a'} ${one}` })
const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1)

const count = (summary: string, what: string) => (one: string) => label(summary, `How many ${what} the ${one} has.`)

const texts: ObjectTexts = {
  objects: {
    person: {
      noun: noun('person'),
      fields: {
        name: label('Name', 'The full name of the person.'),
        first_name: label('First Name', 'The first part of the name.'),
        last_name: label('Last Name', 'The last part of the name.'),
        email: label('Email', 'The primary email address. An update replaces it and keeps the others.'),
        phone: label('Phone', 'The primary telephone number. An update replaces it and keeps the others.'),
        emails: label('Emails', 'All email addresses. A value that is sent replaces all of them.'),
        phones: label('Phones', 'All telephone numbers. A value that is sent replaces all of them.'),
        job_title: label('Job Title', 'What the person does. Pipedrive keeps it only where contact sync is on.'),
        birthday: label('Birthday', 'The date of birth, as yyyy-MM-dd. Pipedrive keeps it only where contact sync is on.'),
        notes: label('Notes', 'The notes of contact sync, not the notes of Pipedrive.'),
        im: label('Messengers', 'The addresses in instant messengers, as Pipedrive has them.'),
        postal_address: label('Postal Address', 'The address of contact sync: a text, or an object with "value".'),
      },
    },
    organization: {
      noun: noun('organization'),
      fields: {
        name: label('Name', 'What the organization is called.'),
        address: label('Address', 'Where the organization is: a text, or an object with "value".'),
        website: label('Website', 'The address of the website.'),
        linkedin: label('LinkedIn', 'The address of the LinkedIn page.'),
        industry: label('Industry', 'The option id of the field "industry".'),
        annual_revenue: label('Annual Revenue', 'The revenue of a year.'),
        employee_count: label('Employee Count', 'How many people work there.'),
      },
    },
  },
  common: ({ one }) => ({
    owner_id: label('Owner', `The user who owns the ${one}, by id; an email address can be written, too.`),
    creator_user_id: label('Creator', `The user who added the ${one}, by id.`),
    person_id: label('Person', `The person whom the ${one} is about, by id.`),
    org_id: label('Organization', `The organization that the ${one} belongs to, by id.`),
    deal_id: label('Deal', `The deal that the ${one} belongs to, by id.`),
    label_ids: label('Labels', `The ids of the labels of the ${one}: a list, or a text with commas.`),
    visible_to: label('Visibility', `Who can see the ${one}.`),
    add_time: time('Created Date-Time', `When the ${one} was added`),
    update_time: time('Updated Date-Time', `When the ${one} was last changed`),
    currency: label('Currency', 'The currency code, such as EUR.'),
    order_nr: label('Order', `The place of the ${one} in its list.`),
    next_activity_id: label('Next Activity Id', 'Id of the activity that comes next.'),
    last_activity_id: label('Last Activity Id', 'Id of the activity that was done last.'),
    open_deals_count: count('Open Deals Count', 'open deals')(one),
    closed_deals_count: count('Closed Deals Count', 'closed deals')(one),
    won_deals_count: count('Won Deals Count', 'won deals')(one),
    lost_deals_count: count('Lost Deals Count', 'lost deals')(one),
    activities_count: count('Activities Count', 'activities')(one),
    undone_activities_count: count('Undone Activities Count', 'activities to do')(one),
    done_activities_count: count('Done Activities Count', 'done activities')(one),
    email_messages_count: count('Email Message Count', 'linked emails')(one),
    files_count: count('Files Count', 'files')(one),
    notes_count: count('Notes Count', 'notes')(one),
    followers_count: count('Followers Count', 'followers')(one),
    people_count: count('Persons Count', 'persons')(one),
  }),
  parts: {
    value: () => label('Value', 'The address or number itself.'),
    label: () => label('Label', 'What it is for, such as work or home.'),
    primary: () => label('Is Primary', 'Whether it is the first choice of the list.'),
    id: () => label('Id', 'The id of the record in Pipedrive.'),
    data: ({ many }) => label(capital(many), `The ${many} of this page.`),
    next_cursor: () => label('Next Cursor', 'What the next call sends as cursor; empty on the last page.'),
    has_more: ({ many }) => label('Has More', `Whether there are more ${many}.`),
    deleted: () => label('Is Deleted', 'True if this call deleted the record; false if there was none any more.'),
    custom_fields: ({ one }) => label('Custom Fields', `The custom fields of the ${one}, by code or by name.`),
  },
  options: ({ one, many }) => ({
    id: label('Id', `The ${one} that this step is about, by id.`),
    limit: label('Limit', `How many ${many} to return, at most.`),
    cursor: label('Cursor', 'Where to continue: next_cursor of the page before.'),
    filter_id: label('Filter Id', 'A filter that is saved in Pipedrive, by id.'),
    ids: label('Ids', 'Only these records: up to 100 ids, with commas.'),
    updated_since: time('Updated Since', 'Only what was changed at or after this moment'),
    updated_until: time('Updated Until', 'Only what was changed before this moment'),
    sort_by: label('Sort By', 'The field that decides the order.'),
    sort_direction: label('Sort Direction', 'Which end of the order comes first.'),
    term: label('Term', 'What to search for: 2 characters or more, 1 with an exact match.'),
    fields: label('Search In', 'The only field to search in; all if empty.'),
    exact_match: label('Exact Match', 'Whether only the whole value counts, in any case.'),
    custom_fields: label('Custom Fields', `Custom fields of the ${one}, by name or code.`),
    custom_fields_by: label('Custom Fields By', 'Whether custom fields are returned under their codes or their names.'),
    nulls: label('Nulls', 'Whether empty fields are left out of the answer.'),
  }),
  name: ({ summary }: Label) => label(`${summary} Name`, `What the record in the field ${summary} is called.`),
  verbs: {
    get: ({ a, one }) => label(`Get ${a}`, `Reads one ${one} by its id.`),
    list: ({ many }) => label(`List ${many}`, `Reads the ${many} that the filters select, up to 2,000 in one step.`),
    search: ({ many }) => label(`Search ${many}`, `Searches ${many} by a text. Pipedrive's search shows new records after a short delay.`),
    create: ({ a }) => label(`Create ${a}`, `Adds ${a}. Find or create avoids duplicates.`),
    update: ({ a }) => label(`Update ${a}`, `Changes ${a}: only the fields that are sent. clear_fields empties fields.`),
    delete: ({ a }) => label(`Delete ${a}`, `Deletes ${a}. Pipedrive keeps deleted records for 30 days.`),
  },
}

export const objectsEn = objectTexts(texts)
