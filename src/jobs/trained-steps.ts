/** The step counts that a student's config says it is trained for; none of any other run's config. */
export const trainedSteps = (config: unknown): number[] => [(config as { student?: { steps?: number | number[] } }).student?.steps ?? []].flat();
