/** What an editor starts with: a fresh user folder, extensions folder and workspace, so that no test sees what another left. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { INSTALLED_FOLDER, OUT } from '../provision/places';

export interface Profile {
  readonly dir: string;
  readonly extensions: string;
  readonly user: string;
  /** The folder that is opened. */
  readonly workspace: string;
}

/** Nothing pops up, nothing is asked, nothing is fetched. */
const QUIET = {
  'workbench.startupEditor': 'none', 'workbench.tips.enabled': false, 'workbench.enableExperiments': false, 'workbench.colorTheme': 'Default Dark Modern', 'window.autoDetectColorScheme': false,
  'window.commandCenter': false, 'telemetry.telemetryLevel': 'off', 'extensions.autoCheckUpdates': false, 'extensions.ignoreRecommendations': true, 'git.enabled': false,
  'security.workspace.trust.startupPrompt': 'never', 'chat.commandCenter.enabled': false,
};

/** @param machine settings that a folder cannot set: VS Code keeps them apart where its window is elsewhere */
export function makeProfile(name: string, settings: Readonly<Record<string, unknown>>, machine: Readonly<Record<string, unknown>>): Profile {
  const dir = path.join(OUT, name);
  fs.rmSync(dir, { recursive: true, force: true });
  const profile = { dir, extensions: path.join(process.env[INSTALLED_FOLDER]!, name), user: path.join(dir, 'user'), workspace: path.join(dir, 'workspace') };
  for (const folder of [profile.extensions, path.join(profile.user, 'User'), path.join(profile.user, 'Machine'), profile.workspace]) fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(profile.user, 'User', 'settings.json'), `${JSON.stringify({ ...QUIET, ...settings }, null, 2)}\n`);
  fs.writeFileSync(path.join(profile.user, 'Machine', 'settings.json'), `${JSON.stringify(machine)}\n`);
  return profile;
}
