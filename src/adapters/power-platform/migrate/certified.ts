/** Microsoft's certified connector, as files of the Power Platform and of Azure name it. */
export const CERTIFIED = 'shared_pipedrive'
