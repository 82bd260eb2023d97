// Devices and zones as features of the map's sources.
import type { Feature, FeatureCollection, Point, Polygon } from "geojson";
import { type Freshness, freshness } from "../data/freshness";
import type { Device, DeviceState, ZoneCollection, ZoneFeature } from "../data/model";
import { force } from "../data/hours";
import { hoursText, zoneName } from "../words";
import { shown, shownCollection } from "./datum";
import { imageName } from "./images";

const RANK: Record<DeviceState, number> = { clear: 0, approach: 1, uncertain: 2, inside: 3 };
const SOS_RANK = 4;
const SLOWEST_HEADING_MPS = 0.5;
const EARTH_M = 6_371_008.8;

export function visitorFeature(device: Device, nowS: number): Feature<Point> {
  const age: Freshness = freshness(device, nowS);
  const moves = age === "fresh" && device.heading_deg !== null && (device.speed_mps ?? 1) > SLOWEST_HEADING_MPS;
  return {
    type: "Feature",
    id: device.device,
    geometry: { type: "Point", coordinates: shown(device.lon, device.lat) },
    properties: {
      device: device.device,
      visitor: device.visitor,
      state: device.state,
      rank: device.sos_at === null ? RANK[device.state] : SOS_RANK,
      sos: device.sos_at !== null,
      silent: age === "silent",
      icon: imageName(device.state, age),
      ...(moves ? { heading: device.heading_deg } : {}),
    },
  };
}

/** The circle of a fix's claimed accuracy, as a polygon: sphere is near enough for a radius that is a claim. */
export function accuracyRing(lon: number, lat: number, accuracyM: number): Feature<Polygon> {
  const perLat = 180 / (Math.PI * EARTH_M);
  const perLon = perLat / Math.cos((lat * Math.PI) / 180);
  const ring = Array.from({ length: 65 }, (_, step) => {
    const angle = ((step % 64) / 64) * 2 * Math.PI;
    return shown(lon + Math.sin(angle) * accuracyM * perLon, lat + Math.cos(angle) * accuracyM * perLat);
  });
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}

export function accuracyCircle(device: Device | undefined): FeatureCollection<Polygon> {
  const isKnown = device !== undefined && device.accuracy_m !== null;
  return { type: "FeatureCollection", features: isKnown ? [accuracyRing(device.lon, device.lat, device.accuracy_m!)] : [] };
}

/**
 * Zones with the names that people read, also of those without one, and whether each counts at a moment.
 * `alone`: those that always count are drawn like those that count now, each by itself.
 */
export function labelled(zones: readonly ZoneFeature[], atS: number, alone: boolean): ZoneCollection {
  const features = zones.map((each) => {
    const hours = hoursText(each.properties, atS);
    const label = [zoneName(each.properties), hours].filter(Boolean).join("\n");
    const counts = force(each.properties, atS);
    return { ...each, properties: { ...each.properties, hours: null, label, force: alone && counts === "always" ? "now" : counts } };
  });
  return shownCollection({ type: "FeatureCollection", features });
}
