/** The folder of stores that are given no place: as `OMNIQ_BASE_DIR` says, which counts as not set where it is empty. */
export function baseFolder(): string {
  return process.env["OMNIQ_BASE_DIR"]?.trim() || "./omniq_data";
}
