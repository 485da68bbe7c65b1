/**
 * The time zones that CustomTimeZone takes (spec/s3.md, appendix A), and what Java calls each of them in English: an object
 * prefix may hold these names, and those of Node's own ICU differ ("GMT+1" for CET).
 *
 * A row is `standard time / generic / daylight saving time: zones`, each name with its abbreviation as the last word. The
 * generic one is left out where it is the standard one, the last where the zone never had daylight saving time. From JDK
 * 17's CLDR data; the golden table holds every row against it.
 */
export const zoneNameRows = `
Acre Standard Time ACT / Acre Time ACT / Acre Summer Time ACST: America/Porto_Acre America/Rio_Branco
Afghanistan Time AFT: Asia/Kabul
Alaska Standard Time AKST / Alaska Time AKT / Alaska Daylight Time AKDT: America/Anchorage
Amazon Standard Time AMT / Amazon Time AMT / Amazon Summer Time AMST: America/Cuiaba America/Manaus
Anadyr Standard Time ANAT / Anadyr Time ANAT / Anadyr Summer Time ANAST: Asia/Anadyr
Apia Standard Time WSST / Apia Time WST / Apia Daylight Time WSDT: Pacific/Apia
Arabian Standard Time AST / Arabian Time AT / Arabian Daylight Time ADT: Asia/Aden Asia/Baghdad Asia/Bahrain Asia/Kuwait Asia/Qatar Asia/Riyadh
Argentina Standard Time ART / Argentina Time ART / Argentina Summer Time ARST: America/Buenos_Aires
Armenia Standard Time AMT / Armenia Time AMT / Armenia Summer Time AMST: Asia/Yerevan
Atlantic Standard Time AST / Atlantic Time AT / Atlantic Daylight Time ADT: America/Anguilla America/Antigua America/Aruba America/Barbados America/Curacao America/Dominica America/Grenada America/Guadeloupe America/Halifax America/Martinique America/Montserrat America/Port_of_Spain America/Puerto_Rico America/Santo_Domingo America/St_Kitts America/St_Lucia America/St_Thomas America/St_Vincent America/Thule America/Tortola Atlantic/Bermuda
Australian Central Standard Time ACST / Central Australia Time ACT / Australian Central Daylight Time ACDT: Australia/Adelaide Australia/Broken_Hill Australia/Darwin
Australian Eastern Standard Time AEST / Eastern Australia Time AET / Australian Eastern Daylight Time AEDT: Australia/Brisbane Australia/Hobart Australia/Sydney
Australian Western Standard Time AWST / Western Australia Time AWT / Australian Western Daylight Time AWDT: Australia/Perth
Azerbaijan Standard Time AZT / Azerbaijan Time AZT / Azerbaijan Summer Time AZST: Asia/Baku
Azores Standard Time AZOT / Azores Time AZOT / Azores Summer Time AZOST: Atlantic/Azores
Bangladesh Standard Time BDT / Bangladesh Time BDT / Bangladesh Summer Time BDST: Asia/Dacca Asia/Dhaka
Bhutan Time BTT: Asia/Thimbu Asia/Thimphu
Bolivia Time BOT / Bolivia Time BOT / Bolivia Summer Time BOST: America/La_Paz
Brasilia Standard Time BRT / Brasilia Time BRT / Brasilia Summer Time BRST: America/Fortaleza America/Sao_Paulo
Brunei Darussalam Time BNT / Brunei Time BNT / Brunei Summer Time BNST: Asia/Brunei
Cape Verde Standard Time CVT / Cape Verde Time CVT / Cape Verde Summer Time CVST: Atlantic/Cape_Verde
Casey Time AWST / Australian Western Time AWT: Antarctica/Casey
Central Africa Time CAT / Central Africa Time CAT / Central African Summer Time CAST: Africa/Blantyre Africa/Bujumbura Africa/Gaborone Africa/Harare Africa/Khartoum Africa/Kigali Africa/Lubumbashi Africa/Lusaka Africa/Maputo
Central Africa Time CAT / Central African Time CAT / Western African Time WAT: Africa/Windhoek
Central European Standard Time CET / Central European Time CET / Central European Summer Time CEST: Africa/Algiers Africa/Tunis Atlantic/Jan_Mayen Europe/Amsterdam Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Brussels Europe/Budapest Europe/Copenhagen Europe/Gibraltar Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris Europe/Prague Europe/Rome Europe/Stockholm Europe/Tirane Europe/Vaduz Europe/Vienna Europe/Warsaw Europe/Zurich
Central Indonesia Time WITA: Asia/Ujung_Pandang
Central Standard Time CST / Central Time CT / Central Daylight Time CDT: America/Belize America/Chicago America/Costa_Rica America/El_Salvador America/Guatemala America/Managua America/Mexico_City America/Regina America/Tegucigalpa America/Winnipeg
Chamorro Standard Time ChST / Chamorro Time ChT / Chamorro Daylight Time ChDT: Pacific/Guam Pacific/Saipan
Chatham Standard Time CHAST / Chatham Time CHAT / Chatham Daylight Time CHADT: Pacific/Chatham
Chile Standard Time CLT / Chile Time CLT / Chile Summer Time CLST: America/Santiago
Chile Time CLT / Chile Time CLT / Chile Summer Time CLST: Antarctica/Palmer
China Standard Time CST / China Time CT / China Daylight Time CDT: Asia/Macao Asia/Shanghai
Christmas Island Time CXT / Christmas Island Time CIT: Indian/Christmas
Chuuk Time CHUT: Pacific/Truk
Cocos Islands Time CCT: Indian/Cocos
Colombia Standard Time COT / Colombia Time COT / Colombia Summer Time COST: America/Bogota
Cook Islands Standard Time CKT / Cook Islands Time CKT / Cook Islands Half Summer Time CKHST: Pacific/Rarotonga
Coordinated Universal Time UTC: UTC
Cuba Standard Time CST / Cuba Time CT / Cuba Daylight Time CDT: America/Havana
Dumont-d’Urville Time DDUT / Dumont-d'Urville Time DDUT: Antarctica/DumontDUrville
East Africa Time EAT / Eastern Africa Time EAT: Africa/Addis_Ababa Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala Africa/Mogadishu Africa/Nairobi Indian/Antananarivo Indian/Comoro Indian/Mayotte
East Greenland Standard Time EGT / East Greenland Time EGT / East Greenland Summer Time EGST: America/Scoresbysund
East Kazakhstan Time ALMT / Alma-Ata Time ALMT / Alma-Ata Summer Time ALMST: Asia/Almaty
Easter Island Standard Time EAST / Easter Island Time EAST / Easter Island Summer Time EASST: Pacific/Easter
Eastern European Standard Time EET / Eastern European Time EET / Eastern European Summer Time EEST: Africa/Cairo Africa/Tripoli Asia/Amman Asia/Beirut Asia/Damascus Asia/Nicosia Europe/Athens Europe/Bucharest Europe/Chisinau Europe/Helsinki Europe/Kaliningrad Europe/Kiev Europe/Riga Europe/Sofia Europe/Tallinn Europe/Vilnius
Eastern Indonesia Time WIT / East Indonesia Time WIT: Asia/Jayapura
Eastern Standard Time EST / Eastern Time ET / Eastern Daylight Time EDT: America/Cayman America/Grand_Turk America/Indianapolis America/Jamaica America/Montreal America/Nassau America/New_York America/Panama America/Port-au-Prince
Ecuador Time ECT / Ecuador Time ECT / Ecuador Summer Time ECST: America/Guayaquil
Falkland Islands Standard Time FKT / Falkland Islands Time FKT / Falkland Islands Summer Time FKST: Atlantic/Stanley
Fernando de Noronha Standard Time FNT / Fernando de Noronha Time FNT / Fernando de Noronha Summer Time FNST: America/Noronha
Fiji Standard Time FJT / Fiji Time FJT / Fiji Summer Time FJST: Pacific/Fiji
French Guiana Time GFT: America/Cayenne
French Southern & Antarctic Time TFT / French Southern & Antarctic Lands Time TFT: Indian/Kerguelen
Galapagos Time GALT / Galapagos Time GALT / Galapagos Summer Time GALST: Pacific/Galapagos
Gambier Time GAMT: Pacific/Gambier
Georgia Standard Time GET / Georgia Time GET / Georgia Summer Time GEST: Asia/Tbilisi
Gilbert Islands Time GILT / Gilbert Is. Time GILT: Pacific/Tarawa
Greenwich Mean Time GMT / British Time BT / British Summer Time BST: Europe/London
Greenwich Mean Time GMT / Ghana Mean Time GMT: Africa/Accra
Greenwich Mean Time GMT / Irish Time IT / Irish Standard Time IST: Europe/Dublin
Greenwich Mean Time GMT: Africa/Abidjan Africa/Banjul Africa/Bissau Africa/Conakry Africa/Dakar Africa/Freetown Africa/Lome Africa/Monrovia Africa/Nouakchott Africa/Ouagadougou Africa/Sao_Tome Africa/Timbuktu Atlantic/Reykjavik Atlantic/St_Helena
Gulf Standard Time GST / Gulf Time GT: Asia/Dubai Asia/Muscat
Guyana Time GYT: America/Guyana
Hawaii-Aleutian Standard Time HAST / Hawaii-Aleutian Time HAT / Hawaii-Aleutian Daylight Time HADT: America/Adak
Hawaii-Aleutian Standard Time HST / Hawaii-Aleutian Time HST / Hawaii-Aleutian Daylight Time HDT: Pacific/Honolulu
Hong Kong Standard Time HKT / Hong Kong Time HKT / Hong Kong Summer Time HKST: Asia/Hong_Kong
India Standard Time IST / India Time IT / India Daylight Time IDT: Asia/Calcutta Asia/Colombo
Indian Ocean Time IOT / Indian Ocean Territory Time IOT: Indian/Chagos
Indochina Time ICT: Asia/Bangkok Asia/Phnom_Penh Asia/Saigon Asia/Vientiane
Iran Standard Time IRST / Iran Time IRT / Iran Daylight Time IRDT: Asia/Tehran
Irkutsk Standard Time IRKT / Irkutsk Time IRKT / Irkutsk Summer Time IRKST: Asia/Irkutsk
Israel Standard Time IST / Israel Time IT / Israel Daylight Time IDT: Asia/Jerusalem
Japan Standard Time JST / Japan Time JT / Japan Daylight Time JDT: Asia/Tokyo
Korean Standard Time KST / Korean Time KT / Korean Daylight Time KDT: Asia/Pyongyang Asia/Seoul
Kosrae Time KOST: Pacific/Kosrae
Krasnoyarsk Standard Time KRAT / Krasnoyarsk Time KRAT / Krasnoyarsk Summer Time KRAST: Asia/Krasnoyarsk
Kyrgyzstan Time KGT / Kirgizstan Time KGT / Kirgizstan Summer Time KGST: Asia/Bishkek
Line Islands Time LINT / Line Is. Time LINT: Pacific/Kiritimati
Lord Howe Standard Time LHST / Lord Howe Time LHT / Lord Howe Daylight Time LHDT: Australia/Lord_Howe
Magadan Standard Time MAGT / Magadan Time MAGT / Magadan Summer Time MAGST: Asia/Magadan
Malaysia Time MYT / Malaysia Time MYT / Malaysia Summer Time MYST: Asia/Kuala_Lumpur
Maldives Time MVT: Indian/Maldives
Marquesas Time MART: Pacific/Marquesas
Marshall Islands Time MHT: Pacific/Majuro
Mauritius Standard Time MUT / Mauritius Time MUT / Mauritius Summer Time MUST: Indian/Mauritius
Mawson Time MAWT: Antarctica/Mawson
Mexican Pacific Standard Time MST / Mexican Pacific Time MT / Mexican Pacific Daylight Time MDT: America/Mazatlan
Moscow Standard Time MSK / Moscow Time MT / Moscow Summer Time MSD: Europe/Minsk Europe/Moscow Europe/Simferopol
Mountain Standard Time MST / Mountain Time MT / Mountain Daylight Time MDT: America/Dawson_Creek America/Denver America/Edmonton America/Phoenix
Myanmar Time MMT: Asia/Rangoon
Nauru Time NRT: Pacific/Nauru
Nepal Time NPT: Asia/Katmandu
New Caledonia Standard Time NCT / New Caledonia Time NCT / New Caledonia Summer Time NCST: Pacific/Noumea
New Zealand Standard Time NZST / New Zealand Time NZT / New Zealand Daylight Time NZDT: Antarctica/McMurdo Pacific/Auckland
Newfoundland Standard Time NST / Newfoundland Time NT / Newfoundland Daylight Time NDT: America/St_Johns
Niue Time NUT: Pacific/Niue
Norfolk Island Standard Time NFT / Norfolk Island Time NFT / Norfolk Island Daylight Time NFST: Pacific/Norfolk
Novosibirsk Standard Time NOVT / Novosibirsk Time NOVT / Novosibirsk Summer Time NOVST: Asia/Novosibirsk
Pacific Standard Time PST / Pacific Time PT / Pacific Daylight Time PDT: America/Los_Angeles America/Tijuana America/Vancouver
Pakistan Standard Time PKT / Pakistan Time PKT / Pakistan Summer Time PKST: Asia/Karachi
Palau Time PWT: Pacific/Palau
Papua New Guinea Time PGT: Pacific/Port_Moresby
Paraguay Standard Time PYT / Paraguay Time PYT / Paraguay Summer Time PYST: America/Asuncion
Peru Standard Time PET / Peru Time PET / Peru Summer Time PEST: America/Lima
Petropavlovsk-Kamchatski Standard Time PETT / Petropavlovsk-Kamchatski Time PETT / Petropavlovsk-Kamchatski Summer Time PETST: Asia/Kamchatka
Philippine Standard Time PST / Philippine Time PT / Philippine Summer Time PDT: Asia/Manila
Phoenix Islands Time PHOT / Phoenix Is. Time PHOT: Pacific/Enderbury
Pitcairn Time PST / Pitcairn Time PT: Pacific/Pitcairn
Ponape Time PONT: Pacific/Ponape
Réunion Time RET / Reunion Time RET: Indian/Reunion
Samara Standard Time SAMT / Samara Time SAMT / Samara Summer Time SAMST: Europe/Samara
Samoa Standard Time SST / Samoa Time ST: Pacific/Pago_Pago
Seychelles Time SCT: Indian/Mahe
Singapore Standard Time SGT / Singapore Time SGT / Singapore Summer Time SGST: Asia/Singapore
Solomon Islands Time SBT / Solomon Is. Time SBT: Pacific/Guadalcanal
South Africa Standard Time SAST / South Africa Time SAT / South Africa Summer Time SAST: Africa/Johannesburg Africa/Maseru Africa/Mbabane
South Georgia Time GST / South Georgia Time GT: Atlantic/South_Georgia
St. Pierre & Miquelon Standard Time PMST / St. Pierre & Miquelon Time PMT / St. Pierre & Miquelon Daylight Time PMDT: America/Miquelon
Suriname Time SRT: America/Paramaribo
Tahiti Time TAHT: Pacific/Tahiti
Taipei Standard Time CST / Taipei Time CT / Taipei Daylight Time CDT: Asia/Taipei
Tajikistan Time TJT / Tajikistan Time TJT / Tajikistan Summer Time TJST: Asia/Dushanbe
Tokelau Time TKT: Pacific/Fakaofo
Tonga Standard Time TOT / Tonga Time TOT / Tonga Summer Time TOST: Pacific/Tongatapu
Turkey Time TRT / Turkey Time TRT / Turkey Summer Time TRST: Europe/Istanbul
Turkmenistan Standard Time TMT / Turkmenistan Time TMT / Turkmenistan Summer Time TMST: Asia/Ashgabat Asia/Ashkhabad
Tuvalu Time TVT: Pacific/Funafuti
Ulaanbaatar Standard Time ULAT / Ulaanbaatar Time ULAT / Ulaanbaatar Summer Time ULAST: Asia/Ulaanbaatar Asia/Ulan_Bator
Uruguay Standard Time UYT / Uruguay Time UYT / Uruguay Summer Time UYST: America/Montevideo
Uzbekistan Standard Time UZT / Uzbekistan Time UZT / Uzbekistan Summer Time UZST: Asia/Tashkent
Vanuatu Standard Time VUT / Vanuatu Time VUT / Vanuatu Summer Time VUST: Pacific/Efate
Venezuela Time VET: America/Caracas
Vladivostok Standard Time VLAT / Vladivostok Time VLAT / Vladivostok Summer Time VLAST: Asia/Vladivostok
Wake Island Time WAKT / Wake Time WAKT: Pacific/Wake
Wallis & Futuna Time WFT: Pacific/Wallis
West Africa Standard Time WAT / West Africa Time WAT / West Africa Summer Time WAST: Africa/Bangui Africa/Douala Africa/Kinshasa Africa/Lagos Africa/Libreville Africa/Luanda Africa/Malabo Africa/Ndjamena Africa/Niamey Africa/Porto-Novo
West Greenland Standard Time WGT / West Greenland Time WGT / West Greenland Summer Time WGST: America/Godthab
West Kazakhstan Time AQTT / Aqtau Time AQTT / Aqtau Summer Time AQTST: Asia/Aqtau
West Kazakhstan Time AQTT / Aqtobe Time AQTT / Aqtobe Summer Time AQTST: Asia/Aqtobe
Western European Standard Time WET / Western European Time WET / Western European Summer Time WEST: Atlantic/Canary Atlantic/Faeroe Europe/Lisbon
Western European Time WET / Western European Time WET / Western European Summer Time WEST: Africa/Casablanca
Western Indonesia Time WIB / West Indonesia Time WIB: Asia/Jakarta
Yakutsk Standard Time YAKT / Yakutsk Time YAKT / Yakutsk Summer Time YAKST: Asia/Yakutsk
Yekaterinburg Standard Time YEKT / Yekaterinburg Time YEKT / Yekaterinburg Summer Time YEKST: Asia/Yekaterinburg
`
