-- Statements of the days from `first_day` on, each as the text of its file.
create or replace macro xml(word) as (
    replace(replace(replace(word, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')
);
create or replace macro comma(amount) as (replace(abs(amount)::varchar, '.', ','));
create or replace macro side(amount) as (if(amount < 0, 'DBIT', 'CRDT'));
create or replace macro balance_xml(code, amount, currency, day) as (
    '<Bal><Tp><CdOrPrtry><Cd>' || code || '</Cd></CdOrPrtry></Tp><Amt Ccy="' || currency || '">'
    || abs(amount) || '</Amt><CdtDbtInd>' || side(amount) || '</CdtDbtInd><Dt><Dt>' || day
    || '</Dt></Dt></Bal>'
);

create or replace table statements as
with entered as (
    select
        account_id,
        n,
        sum(amount)::decimal(18, 2) as amount
    from bank_entries
    group by all
),

daily as (
    select
        a.account_id,
        a.currency,
        a.iban,
        a.company,
        d.n,
        d.day,
        (
            a.opening + sum(coalesce(e.amount, 0)) over (partition by a.account_id order by d.n)
        )::decimal(18, 2) as closing,
        coalesce(e.amount, 0)::decimal(18, 2) as amount
    from accounts as a
    cross join days as d
    left join entered as e on a.account_id = e.account_id and d.n = e.n
)

select
    *,
    (closing - amount)::decimal(18, 2) as opening
from daily
where n >= getvariable('first_day');

create or replace table statement_entries as
with parties as (
    select
        customer_id as party_id,
        name
    from erp_customer
    union all
    select
        supplier_id,
        name
    from erp_supplier
)

select
    e.account_id,
    e.n,
    e.entry_id,
    e.end_to_end_id,
    e.amount,
    e.currency,
    e.remittance,
    e.kind,
    date_of(e.n) as day,
    coalesce(p.name, 'Made-up Bank') as party
from bank_entries as e
left join parties as p on e.party_id = p.party_id
where e.n >= getvariable('first_day');

create or replace view camt_files as
with entries as (
    select
        account_id,
        n,
        string_agg(
            '<Ntry><NtryRef>' || entry_id || '</NtryRef><Amt Ccy="' || currency || '">'
            || abs(amount) || '</Amt><CdtDbtInd>' || side(amount)
            || '</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>' || day
            || '</Dt></BookgDt><ValDt><Dt>' || day || '</Dt></ValDt><AcctSvcrRef>' || entry_id
            || '</AcctSvcrRef><BkTxCd><Domn><Cd>' || case
                when kind = 'FEE' then 'ACMT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG'
                when amount < 0 then 'PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT'
                else 'PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT'
            end || '</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>'
            || end_to_end_id || '</EndToEndId></Refs><Amt Ccy="' || currency || '">'
            || abs(amount) || '</Amt><CdtDbtInd>' || side(amount) || '</CdtDbtInd><RltdPties>'
            || if(amount < 0, '<Cdtr><Pty><Nm>', '<Dbtr><Pty><Nm>') || xml(party)
            || if(amount < 0, '</Nm></Pty></Cdtr>', '</Nm></Pty></Dbtr>')
            || '</RltdPties><RmtInf><Ustrd>' || xml(remittance)
            || '</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>' || chr(10),
            '' order by entry_id
        ) as entries
    from statement_entries
    group by all
)

select
    s.account_id,
    s.n,
    s.day,
    '<?xml version="1.0" encoding="UTF-8"?>' || chr(10)
    || '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr>'
    || '<MsgId>' || s.account_id || '-' || s.day || '</MsgId><CreDtTm>' || s.day
    || 'T23:59:00Z</CreDtTm><AddtlInf>Made up: this bank does not exist</AddtlInf></GrpHdr>'
    || '<Stmt><Id>' || s.account_id || '-' || s.day || '</Id><ElctrncSeqNb>' || (s.n + 1)
    || '</ElctrncSeqNb><LglSeqNb>' || (s.n + 1) || '</LglSeqNb><CreDtTm>' || s.day
    || 'T23:59:00Z</CreDtTm><FrToDt><FrDtTm>' || s.day || 'T00:00:00Z</FrDtTm><ToDtTm>' || s.day
    || 'T23:59:59Z</ToDtTm></FrToDt><Acct><Id><IBAN>' || s.iban || '</IBAN></Id><Ccy>'
    || s.currency || '</Ccy></Acct>' || chr(10)
    || balance_xml('OPBD', s.opening, s.currency, s.day)
    || balance_xml('CLBD', s.closing, s.currency, s.day) || chr(10)
    || coalesce(e.entries, '') || '</Stmt></BkToCstmrStmt></Document>' || chr(10) as content
from statements as s
left join entries as e on s.account_id = e.account_id and s.n = e.n
where s.account_id <> 'AWGBP';

create or replace view mt940_files as
with entries as (
    select
        account_id,
        n,
        string_agg(
            ':61:' || strftime(day, '%y%m%d%m%d') || if(amount < 0, 'D', 'C') || comma(amount)
            || if(kind = 'FEE', 'NCHG', 'NTRF') || 'NONREF//' || left(md5(entry_id), 16)
            || chr(13) || chr(10) || ':86:/EREF/' || end_to_end_id || chr(13) || chr(10)
            || '/NAME/' || party || chr(13) || chr(10) || '/REMI/' || remittance
            || chr(13) || chr(10),
            '' order by entry_id
        ) as entries
    from statement_entries
    group by all
)

select
    s.account_id,
    s.n,
    s.day,
    ':20:' || s.account_id || strftime(s.day, '%y%m%d') || chr(13) || chr(10) || ':25:' || s.iban
    || chr(13) || chr(10) || ':28C:' || (s.n + 1) || '/1' || chr(13) || chr(10) || ':60F:'
    || if(s.opening < 0, 'D', 'C') || strftime(s.day, '%y%m%d') || s.currency || comma(s.opening)
    || chr(13) || chr(10) || coalesce(e.entries, '') || ':62F:' || if(s.closing < 0, 'D', 'C')
    || strftime(s.day, '%y%m%d') || s.currency || comma(s.closing) || chr(13) || chr(10) || '-'
    || chr(13) || chr(10) as content
from statements as s
left join entries as e on s.account_id = e.account_id and s.n = e.n
where s.account_id = 'AWGBP';
