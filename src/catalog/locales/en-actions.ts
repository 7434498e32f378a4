import { label } from './locales.ts'
import { objectsEn } from './en-objects.ts'

const merge = (one: string) => ({
  ...label(`Merge two ${one}s`, `Merges the first ${one} into the second one, which stays. It cannot be undone.`),
  parameters: {
    id: label('Id', `The ${one} that is merged, by id. It is deleted.`),
    merge_with_id: label('Merge With', `The ${one} that stays, by id.`),
  },
})

/** The actions of objects that no table can say. */
export const actionsEn = {
  DealListArchived: {
    ...label('List archived deals', 'Reads the archived deals that the filters select. The list of deals leaves them out.'),
    parameters: objectsEn.operations['DealList']!.parameters,
  },
  DealDuplicate: {
    ...label('Duplicate a deal', 'Adds a copy of a deal, with its products. Its history stays behind.'),
    parameters: { id: label('Id', 'The deal to copy, by id.') },
  },
  DealMerge: merge('deal'),
  PersonMerge: merge('person'),
  OrganizationMerge: merge('organization'),
}

/** What they answer. */
export const actionAnswersEn = {
  DealCopy: {
    id: label('Id', 'The id of the copy; empty if Pipedrive does not tell it.'),
    copied_from_id: label('Copied From', 'The deal that was copied, by id.'),
  },
  Merged: { id: label('Id', 'The record that stays, by id.'), merged_id: label('Merged Id', 'The record that was merged into it, by id.') },
}
