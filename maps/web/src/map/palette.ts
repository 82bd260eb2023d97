export interface Palette {
  land: string; building: string; buildingEdge: string; green: string; water: string;
  casing: string; minor: string; secondary: string; primary: string; path: string; rail: string;
  text: string; textHalo: string;
  edge: string; edgeFill: string; footprint: string; ring: string; ringFill: string; zoneText: string;
  selection: string; label: string; cluster: string; onCluster: string; off: string; offFill: string; rasterBrightness: number;
}

const light: Palette = {
  land: "#f3f1ec", building: "#e5e0d7", buildingEdge: "#d8d2c6", green: "#d9e7cf", water: "#b9d6e6",
  casing: "#d3ccbf", minor: "#ffffff", secondary: "#ffffff", primary: "#fbeec9", path: "#cfc7b8", rail: "#aaa294",
  text: "#5b5750", textHalo: "#ffffff",
  edge: "#c8202c", edgeFill: "rgba(200, 32, 44, 0.11)", footprint: "rgba(200, 32, 44, 0.5)",
  ring: "#b45309", ringFill: "rgba(217, 119, 6, 0.10)", zoneText: "#8f1620",
  selection: "#1257c9", label: "#1c252e", cluster: "#0f6b78", onCluster: "#ffffff", off: "#6b7480", offFill: "rgba(107, 116, 128, 0.35)", rasterBrightness: 1,
};

const dark: Palette = {
  land: "#161b21", building: "#20272f", buildingEdge: "#2a323c", green: "#1b2a22", water: "#15303f",
  casing: "#11161b", minor: "#2b343e", secondary: "#36414d", primary: "#464a4c", path: "#303944", rail: "#48525e",
  text: "#9aa5b1", textHalo: "#161b21",
  edge: "#ff6b70", edgeFill: "rgba(255, 84, 92, 0.15)", footprint: "rgba(255, 84, 92, 0.55)",
  ring: "#f0a63c", ringFill: "rgba(240, 166, 60, 0.10)", zoneText: "#ffb3b5",
  selection: "#7db4ff", label: "#f1f5f9", cluster: "#5cc4d1", onCluster: "#06262b", off: "#8b97a4", offFill: "rgba(139, 151, 164, 0.35)", rasterBrightness: 0.45,
};

export const palette = (isDark: boolean): Palette => (isDark ? dark : light);
