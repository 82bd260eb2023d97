// The source language: every other must have exactly these keys and placeholders.
export const zh = {
  title: "禁入区管理", skip: "跳到名单", export: "导出全部禁入区（GeoJSON）", back: "返回", cancel: "取消",
  mapFailed: "这个浏览器无法显示地图（需要 WebGL）。名单、坐标输入和导入仍可使用。", leaveUnsaved: "有未保存的修改，确定离开吗？",

  newZone: "新建禁入区", import: "批量导入", isAllowed: "可以停留吗？", search: "搜索名称或编号", state: "状态", category: "类别", allCategories: "全部类别",
  state_standing: "现行", state_scheduled: "分时段", state_retired: "已停用", noneFound: "没有符合条件的禁入区", noneFoundHint: "请换个关键词、状态或类别。", more: "显示更多",
  endedAt: "{time} 停用", withHours: "分时段", unnamed: "未命名（{category}）",
  category_court: "法院", category_police: "公安机关", category_school: "学校", category_hospital: "医院", category_prosecution: "检察院", category_government: "政府机关", category_other: "其他",

  edit: "编辑", retire: "停用", retireNow: "立即停用", retired: "已停用，一秒后生效。", retireHint: "停用后不再判定（此前的定位点仍按原版本判定）。禁入距离目前为 {distance}。",
  shallow: "小于 {distance} 时几乎无法确认进入：手机定位误差与此相当。",
  isRetired: "已于 {time} 停用，操作人 {by}：“{why}”", standoff: "禁入距离", warning: "预警宽度", hours: "生效时段", footprint: "范围", source: "来源", byHand: "手工录入",
  id: "编号", version: "版本", always: "全天", since: "自 {time} 起", own: "本区自定", ofCategory: "按类别或全站规定",

  history: "版本记录", historyHint: "每次修改都是一个新版本；旧版本留给当时的定位点。", firstVersion: "首次录入", approvedBy: "批准人 {name}", noReason: "未写原因",
  endedBy: "由 {name} 停用：“{why}”", showVersion: "在地图上显示", compareVersion: "对比", comparison: "版本对比", who: "修改人", changedNothing: "无变化",
  changed_shape: "范围", changed_name: "名称", changed_category: "类别", changed_datum: "坐标系", changed_standoff: "禁入距离", changed_warning: "预警宽度", changed_schedule: "生效时段",

  editing: "编辑：{name}", whatItIs: "基本信息", name: "名称", idOptional: "编号（可不填）", idHint: "留空由系统按位置生成。", ownCategory: "另写类别…", ownCategoryName: "类别名称",
  metres: "距离（米）", asCategory: "按类别规定", why: "说明", reason: "修改原因", reasonHint: "必填，永久留存。", approver: "批准人（可不填）", create: "创建", saveVersion: "保存为新版本",
  countsSoon: "保存一秒后生效，无需重启。", saved: "已保存为版本 {version}，一秒后生效。",

  noShape: "请用地图上的工具绘制，或在下面粘贴坐标。", measuring: "正在计算…", notDrawable: "这个范围带有内部空洞，不能在地图上逐点修改；可重新绘制，或粘贴坐标替换。",
  pasteCoordinates: "不用地图：粘贴坐标", coordinates: "坐标、WKT 或 GeoJSON", coordinatesHint: "一个点，或三个以上的角点；范围只有一个点时，用禁入距离表示大小。",
  datum: "坐标系", chooseDatum: "请选择", datum_wgs84: "WGS-84（GPS、OpenStreetMap）", datum_gcj02: "GCJ-02（高德、腾讯）", datum_bd09: "BD-09（百度）",
  order: "数字顺序", lonlat: "经度, 纬度", latlon: "纬度, 经度", useCoordinates: "使用这些坐标", notCoordinates: "看不懂这段坐标：请写成“经度, 纬度”、WKT 或 GeoJSON。", sayDatum: "请说明坐标系：差错可达一公里。",
  corners: "{n} 个角点", cornersCut: "只列出前 {n} 个；其余请在地图上修改。", corner: "角点 {n}", moveCorner: "移动到此", deleteCorner: "删除角点",
  shape_Point: "点", shape_LineString: "线", shape_Polygon: "面", otherShape: "形状不同",

  tools: "绘图工具", tool_select: "选择", tool_polygon: "多边形", "tool_angled-rectangle": "矩形", tool_circle: "圆", tool_point: "点", undo: "撤销", redo: "重做", finish: "完成", dropDrawing: "放弃这一笔",
  hint_select: "拖动角点或边上的中点；点按角点后可删除。", hint_polygon: "逐个点按角点，点回起点或按“完成”结束；靠近其他禁入区的角点会自动吸附。", "hint_angled-rectangle": "点两下定一条边，再点一下定宽度。",
  hint_circle: "点按圆心，再点按边缘：范围记为圆心，禁入距离记为半径。", hint_point: "点按一个位置；禁入距离从这个点算起。",

  hours_follow: "按类别规定", hours_always: "全天", hours_weekly: "每周固定时段", hours_text: "iCalendar 文本（专业）", icalendar: "iCalendar", icalendarHint: "DTSTART、DTEND、RRULE、EXDATE、RDATE；可写多个 VEVENT。",
  timeZone: "时区", from: "从", to: "到", addSpan: "加一个时段", removeSpan: "去掉这个时段", spanOf: "时段 {n}", closedDays: "停用日（节假日）", addedDays: "加开日（调休上班）", removeDate: "去掉 {date}",
  next: "接下来：{spans}", neverSoon: "七天内不生效", ownText: "自定 iCalendar（{zone}）", nextDay: "（次日）", closedOn: "{dates} 除外", alsoOn: "{dates} 加开", everyDay: "每天", dayRange: "{from}至{to}",
  day_MO: "周一", day_TU: "周二", day_WE: "周三", day_TH: "周四", day_FR: "周五", day_SA: "周六", day_SU: "周日",

  conflict: "其他人已经修改了这个禁入区", conflictText: "{name} 于 {time} 保存了新版本，原因：“{why}”。您的修改尚未保存，请比较后决定。", conflictRetired: "{name} 已经停用了这个禁入区，您的修改无法保存。",
  theirs: "v{version}（{name}）", mine: "我的修改", keepMine: "把我的修改放到新版本上", takeTheirs: "放弃我的修改", keepMineHint: "放上去之后可以再检查，再次保存才会生效。",

  placeHint: "点按地图，或粘贴坐标。", tapPlace: "点按地图上的一个位置", place: "位置", notPlace: "请写一个点：经度, 纬度。", askPlace: "查询", allowed: "可以停留", forbidden: "不可停留",
  wayOut: "最近的可停留位置：朝{direction}走 {distance}，到 {place}。", deepInside: "在禁入区内 {distance}", inRing: "在预警区内，离边界 {distance}", outOfThis: "离开此区：{distance}，{direction}",

  stage_choose: "选择文件", stage_look: "试运行", stage_apply: "导入", files: "文件", filesHint: "GeoJSON、CSV、Excel、Shapefile（.zip）、GeoPackage、KML、OSM 等；可多选。", datumOfFile: "以文件自述为准", moreOptions: "更多选项",
  categoryElse: "没有类别的行归入", standoffElse: "没有距离的行用（米）", prefix: "编号前缀", prefixHint: "两份名单编号重复时使用。", where: "只取这些行", replace: "以此文件为准", replaceHint: "同名文件里已不存在的禁入区将停用。",
  dryRun: "试运行", dryRunHint: "只查看结果，不写入任何内容。", wrongDatum: "坐标系可能不对，已停下", trust: "我确认 {file} 的坐标系无误，仍要导入",
  nothingToDo: "没有需要写入的内容。", applyImport: "导入 {n} 处", otherFile: "重新选择", imported: "已导入：{n} 处，一秒后生效。", toList: "回到名单", sending: "正在上传 {percent}%", working: "服务器正在处理，已用 {time}",
  sum_added: "新增", sum_changed: "修改", sum_removed: "停用", sum_unchanged: "不变", sum_refused: "拒绝", notes: "备注", readAs: "{file}：{rows} 行，按 {datum} 读取", leftOut: "{n} 行不在筛选之内", showAll: "在地图上看全部",
  cut: "只列出 {n} 行，共 {all} 行。", row: "文件 · 行", column: "字段", whyNot: "原因与改法",
  field_geometry: "范围", field_lon: "经度", field_lat: "纬度", field_name: "名称", field_category: "类别", field_standoff_m: "禁入距离", field_warning_m: "预警宽度", field_datum: "坐标系", field_id: "编号", field_file: "文件", field_schedule: "生效时段",
  field_coordinates: "坐标", field_type: "类型", field_properties: "属性", field_where: "筛选", field_encoding: "编码", field_prefix: "编号前缀",

  refused_offline: "连不上服务器，请稍后再试。", refused_zone_changed: "其他人刚刚修改过，已重新读取，请再看一遍。", refused_zone_exists: "这个编号已有禁入区：请换一个编号，或去编辑它。", refused_busy: "有人正在写入，请稍后再试。",
  refused_no_zone: "没有这个禁入区，可能已停用。", refused_not_allowed: "您的账户没有这个权限。", refused_too_large: "文件太大。", refused_reserved_id: "这个编号系统自用，请换一个。", refused_unreadable_file: "文件读不出来，没有写入任何内容。",
  refused_datum_doubt: "坐标系可能不对，没有写入任何内容。", refused_other: "没有被接受：{detail}",
} as const;
